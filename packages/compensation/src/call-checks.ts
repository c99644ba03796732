import type {
  CompensationContext,
  ParameterMatrix,
  ParameterShape,
  ParameterSpace,
} from "./contract.js";
import { InputError } from "./errors.js";

/** What to do where `update` is not called with an object. */
export const lateAdvice = "give it gradient, versions, state, staleness and learningRate";

const parameterFields: readonly string[] = [
  "parameterCount",
  "shape",
  "matrices",
  "allocate",
  "numbers",
];

/** @throws InputError where what `init` is called with is no description of parameters. */
export function expectParameters(
  parameters: ParameterSpace | ParameterShape,
): ParameterSpace | ParameterShape {
  expectObject(parameters, "parameters", "give init an object with parameterCount or shape");
  const unknown = Object.keys(parameters).find((field) => !parameterFields.includes(field));
  if (unknown !== undefined)
    throw new InputError(
      `Expected one of ${parameterFields.join(", ")} for a field of parameters but received ` +
        `"${unknown}"; correct its name`,
    );
  if ("shape" in parameters) {
    const { shape } = parameters;
    const advice = "give init the sizes of the array's dimensions";
    if (!Array.isArray(shape)) refuse("an array", "shape", shape, advice);
    for (const [index, size] of shape.entries()) expectWhole(size, `shape[${index}]`, advice);
    if ("parameterCount" in parameters || "matrices" in parameters)
      throw new InputError(
        "Expected shape alone for parameters but received parameterCount or matrices too; a shape says both",
      );
    return parameters;
  }
  const { parameterCount, matrices } = parameters;
  expectWhole(parameterCount, "parameterCount", "give init the length of the parameter vector");
  expectMatrices(matrices);
  return parameters;
}

/** Where each lies, and what lies between, is the method's to check: some take no matrices. */
function expectMatrices(matrices: readonly ParameterMatrix[] | undefined): void {
  if (matrices === undefined) return;
  const advice = "give each matrix's offset, rows and columns, or leave them out";
  if (!Array.isArray(matrices)) refuse("an array", "matrices", matrices, advice);
  for (const [index, matrix] of matrices.entries()) {
    expectObject(matrix, `matrices[${index}]`, advice);
    for (const field of ["offset", "rows", "columns"] as const)
      expectWhole(matrix[field], `matrices[${index}].${field}`, advice);
  }
}

/** @throws InputError where it is the state of another method, or none. */
export function expectState<State extends { readonly method: string }>(
  state: unknown,
  kind: abstract new (...parts: never[]) => State,
  method: string,
): void {
  if (state instanceof kind && state.method === method) return;
  const received = state instanceof kind ? `that of ${state.method}` : described(state);
  throw new InputError(
    `Expected a state of ${method} for state but received ${received}; give what its init returned`,
  );
}

/** @throws InputError where a vector is not as long as the state's parameters. */
export function expectLength(vector: Float32Array | undefined, count: number, name: string): void {
  if (vector instanceof Float32Array && vector.length === count) return;
  if (vector !== undefined && !(vector instanceof Float32Array))
    throw new InputError(
      `Expected a Float32Array for ${name} but received ${describedKind(vector)}; ` +
        "for tensors, pass tf as the third argument of createCompensator",
    );
  const received = typeof vector?.length === "number" ? `${vector.length}` : described(vector);
  throw new InputError(
    `Expected ${count} elements for ${name} but received ${received}; init another state for a ` +
      "vector of another length",
  );
}

const describedKind = (value: unknown) =>
  ArrayBuffer.isView(value) ? `a ${value.constructor.name}` : described(value);

/** @throws InputError where a tensor has not the state's shape. */
export function expectShape(
  tensor: { readonly shape: readonly number[] } | undefined,
  shape: readonly number[],
  name: string,
): void {
  const given = tensor?.shape;
  if (Array.isArray(given) && given.length === shape.length) {
    if (given.every((size, dimension) => size === shape[dimension])) return;
  }
  const received = Array.isArray(given) ? `[${given}]` : described(tensor);
  throw new InputError(
    `Expected a tensor of shape [${shape}] for ${name} but received ${received}; init another state ` +
      "for a tensor of another shape",
  );
}

/** @throws InputError where there is no version. */
export function expectVersions(versions: readonly unknown[]): void {
  if (Array.isArray(versions) && versions.length > 0) return;
  refuse(
    "an array of at least one version",
    "versions",
    versions,
    "give the parameters that the gradient was computed with first and the newest last",
  );
}

/** @throws InputError where a number that says how late a gradient is is none. */
export function expectAmounts(late: CompensationContext): void {
  const { staleness, learningRate, pending, stepFactor } = late;
  expectAmount(staleness, "staleness", "count the updates since the gradient's own version");
  expectAmount(learningRate, "learningRate", "give the step that gradients are taken with");
  if (pending !== undefined)
    expectAmount(
      pending,
      "pending",
      "leave it out, or count the gradients that wait for an update",
    );
  if (stepFactor !== undefined)
    expectAmount(
      stepFactor,
      "stepFactor",
      "leave it out with plain gradient descent, or give how far a gradient moves weights in all",
    );
}

/** @throws InputError where it is no object. */
export function expectObject(value: unknown, name: string, advice: string): void {
  if (typeof value !== "object" || value === null) refuse("an object", name, value, advice);
}

function expectWhole(value: unknown, name: string, advice: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    refuse("a whole number of at least 0", name, value, advice);
}

function expectAmount(value: number, name: string, advice: string): void {
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
