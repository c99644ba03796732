import type { CompensationContext, Compensator, ParameterMatrix } from "./contract.js";
import { InputError } from "./errors.js";

/** State of one method, and for how many parameters it was made. */
class CheckedState<State> {
  constructor(
    readonly method: string,
    readonly parameterCount: number,
    readonly inner: State,
  ) {}
}

/**
 * The compensator in a form that refuses what it cannot work with before anything is changed: with an
 * InputError that names the argument. An update costs a few comparisons more, and allocates nothing.
 */
export function checked<State>(compensator: Compensator<State>): Compensator<CheckedState<State>> {
  const { name, step, faults } = compensator;

  function check(
    gradient: Float32Array,
    versions: readonly Float32Array[],
    state: CheckedState<State>,
    context: CompensationContext,
  ): void {
    checkState(state, name);
    const count = state.parameterCount;
    checkLength(gradient, count, "gradient");
    if (!Array.isArray(versions) || versions.length === 0)
      refuse(
        "an array of at least one vector",
        "versions",
        versions,
        "give the parameters that the gradient was computed with first and the newest last",
      );
    for (let index = 0; index < versions.length; index++)
      if (versions[index]?.length !== count)
        checkLength(versions[index], count, `versions[${index}]`);
    if (typeof context !== "object" || context === null)
      refuse("an object", "context", context, "give it staleness and learningRate");
    checkAmount(
      context.staleness,
      "staleness",
      "count the updates since the gradient's own version",
    );
    checkAmount(
      context.learningRate,
      "learningRate",
      "give the step that gradients are taken with",
    );
    if (context.pending !== undefined)
      checkAmount(
        context.pending,
        "pending",
        "leave it out, or count the gradients that wait for an update",
      );
    if (context.stepFactor !== undefined)
      checkAmount(
        context.stepFactor,
        "stepFactor",
        "leave it out with plain gradient descent, or give how far a gradient moves weights in all",
      );
  }

  return {
    ...compensator,
    init(parameterCount, allocate, numbers, matrices) {
      if (!Number.isSafeInteger(parameterCount) || parameterCount < 0)
        refuse(
          "a whole number of at least 0",
          "parameterCount",
          parameterCount,
          "give init the length of the parameter vector",
        );
      checkMatrices(matrices);
      const inner = compensator.init(parameterCount, allocate, numbers, matrices);
      return new CheckedState(name, parameterCount, inner);
    },
    update(gradient, versions, state, context) {
      check(gradient, versions, state, context);
      compensator.update(gradient, versions, state.inner, context);
    },
    ...(step && {
      step: (destination, gradient, versions, state, context) => {
        check(gradient, versions, state, context);
        checkLength(destination, state.parameterCount, "destination");
        step(destination, gradient, versions, state.inner, context);
      },
    }),
    ...(faults && {
      faults: (state) => {
        checkState(state, name);
        return faults(state.inner);
      },
    }),
  } as Compensator<CheckedState<State>>;
}

/** Where each lies, and what lies between, is the method's to check: some take no matrices. */
function checkMatrices(matrices: readonly ParameterMatrix[] | undefined): void {
  if (matrices === undefined) return;
  const advice = "give each matrix's offset, rows and columns, or leave them out";
  if (!Array.isArray(matrices)) refuse("an array", "matrices", matrices, advice);
  for (const [index, matrix] of matrices.entries()) {
    if (typeof matrix !== "object" || matrix === null)
      refuse("an object", `matrices[${index}]`, matrix, advice);
    for (const field of ["offset", "rows", "columns"] as const)
      if (!Number.isSafeInteger(matrix[field]) || matrix[field] < 0)
        refuse(
          "a whole number of at least 0",
          `matrices[${index}].${field}`,
          matrix[field],
          advice,
        );
  }
}

function checkState(state: unknown, method: string): void {
  if (state instanceof CheckedState && state.method === method) return;
  const received = state instanceof CheckedState ? `that of ${state.method}` : described(state);
  throw new InputError(
    `Expected a state of ${method} for state but received ${received}; give what its init returned`,
  );
}

function checkLength(vector: Float32Array | undefined, count: number, name: string): void {
  if (vector?.length === count) return;
  const received = typeof vector?.length === "number" ? `${vector.length}` : described(vector);
  throw new InputError(
    `Expected ${count} elements for ${name} but received ${received}; init another state for a ` +
      "vector of another length",
  );
}

function checkAmount(value: number, name: string, advice: string): void {
  if (Number.isFinite(value) && value >= 0) return;
  refuse("a finite number of at least 0", name, value, advice);
}

function refuse(wanted: string, name: string, value: unknown, advice: string): never {
  throw new InputError(
    `Expected ${wanted} for ${name} but received ${described(value)}; ${advice}`,
  );
}

function described(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "object" && value !== null) return "an object of another kind";
  if (typeof value === "function") return "a function";
  return `${String(value)} of type ${value === null ? "null" : typeof value}`;
}
