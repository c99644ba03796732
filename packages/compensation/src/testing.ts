import type { Compensator, LateGradient } from "./contract.js";

export { type KernelCheck, kernelChecks } from "./kernels/checks/index.js";
export { kernelParameters } from "./kernels/contract.js";
export type { Parameter } from "./kernels/parameters.js";

/** One claim about a compensator; `run` throws where it does not hold. */
export interface CompensatorCheck {
  readonly claim: string;
  run(compensator: Compensator): void;
}

const length = 257;

/**
 * What every compensator must keep to. In a test of your own:
 *
 * ```ts
 * it.each(compensatorChecks)("$claim", ({ run }) => run(myCompensator()));
 * ```
 */
export const compensatorChecks: readonly CompensatorCheck[] = [
  {
    claim: "finite in, finite out",
    run(compensator) {
      const state = compensator.init({ parameterCount: length });
      for (const scale of [1e-20, 1, 1e3, 1e18])
        for (let step = 0; step < 20; step++) {
          const gradient = vector(step, scale);
          compensator.update(late(gradient, chain(step, scale), state));
          if (!gradient.every(Number.isFinite))
            throw new Error(`Expected finite values from gradients of scale ${scale}`);
        }
    },
  },
  {
    claim: "a gradient that is not finite comes out as it came and does no lasting harm",
    run(compensator) {
      for (const broken of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const state = compensator.init({ parameterCount: length });
        const gradient = vector(0);
        for (let step = 0; step < 200; step++) {
          gradient.set(vector(step));
          if (step === 10) gradient[7] = broken;
          const given = gradient.slice();
          compensator.update(late(gradient, chain(step), state));
          if (step === 10) same("gradient", gradient, given);
          else if (!gradient.every(Number.isFinite))
            throw new Error(`Expected finite values after a gradient with ${broken}`);
        }
      }
    },
  },
  {
    claim: "a gradient without staleness is left alone",
    run(compensator) {
      const state = compensator.init({ parameterCount: length });
      const gradient = vector(1);
      compensator.update(late(gradient, [vector(2)], state, 0));
      same("gradient", gradient, vector(1));
    },
  },
  {
    claim: "one that says it leaves gradients alone does so",
    run(compensator) {
      if (!compensator.leavesGradients) return;
      const gradient = vector(1);
      compensator.update(late(gradient, chain(2), compensator.init({ parameterCount: length })));
      same("gradient", gradient, vector(1));
    },
  },
  {
    claim: "what it gives back is the gradient that it was given",
    run(compensator) {
      const gradient = vector(1);
      const state = compensator.init({ parameterCount: length });
      if (compensator.update(late(gradient, chain(2), state)) !== gradient)
        throw new Error("Expected the gradient's own array from update but found another");
    },
  },
  {
    claim: "versions are only read",
    run(compensator) {
      const state = compensator.init({ parameterCount: length });
      const versions = chain(3);
      compensator.update(late(vector(4), versions, state));
      versions.forEach((version, index) => {
        same(`versions[${index}]`, version, chain(3)[index] as Float32Array);
      });
    },
  },
  {
    claim: "the same inputs give the same bits",
    run(compensator) {
      const once = () => {
        const state = compensator.init({ parameterCount: length });
        const gradient = vector(0);
        for (let step = 0; step < 5; step++) {
          gradient.set(vector(step));
          compensator.update(late(gradient, chain(step), state));
        }
        return gradient;
      };
      same("gradient", once(), once());
    },
  },
  {
    claim: "two states over the same memory take turns as one",
    run(compensator) {
      const learn = (turns: number) => {
        const vectors: Float32Array[] = [];
        const numbers: Float64Array[] = [];
        const states = Array.from({ length: turns }, () => {
          let [vector, number] = [0, 0];
          return compensator.init({
            parameterCount: length,
            allocate: (count) => (vectors[vector++] ??= new Float32Array(count)),
            numbers: (count) => (numbers[number++] ??= new Float64Array(count)),
          });
        });
        const gradient = vector(0);
        for (let step = 0; step < 6; step++) {
          gradient.set(vector(step));
          compensator.update(late(gradient, chain(step), states[step % turns]));
        }
        return gradient;
      };
      same("gradient", learn(2), learn(1));
    },
  },
  {
    claim: "a fused step is an update and a step of gradient descent",
    run(compensator) {
      if (!compensator.step) return;
      const [fused, apart] = [
        compensator.init({ parameterCount: length }),
        compensator.init({ parameterCount: length }),
      ];
      for (let turn = 0; turn < 4; turn++) {
        const versions = chain(turn).slice(turn % 3);
        const newest = versions.at(-1) as Float32Array;
        const gradient = vector(turn);
        compensator.update(late(gradient, versions, apart));
        const expected = newest.map((value, index) =>
          Math.fround(value - 0.05 * (gradient[index] as number)),
        );
        const destination = turn % 2 === 0 ? new Float32Array(length) : newest;
        compensator.step({ destination, ...late(vector(turn), versions, fused) });
        destination.forEach((value, index) => {
          if (Math.abs(value - (expected[index] as number)) > 1e-5)
            throw new Error(
              `Expected ${expected[index]} for destination[${index}] but found ${value}`,
            );
        });
      }
    },
  },
  {
    claim: "the state it declares is the state it asks for",
    run(compensator) {
      const asked: number[] = [];
      compensator.init({
        parameterCount: length,
        allocate(count) {
          asked.push(count);
          return new Float32Array(count);
        },
      });
      const expected = Array(compensator.stateVectors).fill(length);
      if (`${asked}` !== `${expected}`)
        throw new Error(`Expected vectors of lengths [${expected}] but it asked for [${asked}]`);
    },
  },
  {
    claim: "a number of parameters that is none is refused by name",
    run(compensator) {
      for (const count of [2.5, -1, Number.NaN, undefined, "8"])
        refuses("parameterCount", () => compensator.init({ parameterCount: count as number }));
      refuses("parameters", () => compensator.init(undefined as never));
    },
  },
  {
    claim: "what an update cannot work with is refused by name and changes nothing",
    run(compensator) {
      const state = compensator.init({ parameterCount: length });
      const short = vector(9).subarray(1);
      const { NaN: none, POSITIVE_INFINITY: infinite } = Number;
      const wrong: readonly [name: string, change: Readonly<Record<string, unknown>>][] = [
        ["gradient", { gradient: short }],
        ["gradient", { gradient: undefined }],
        ["versions", { versions: [] }],
        ["versions", { versions: undefined }],
        ["versions[0]", { versions: [short, vector(9)] }],
        ["versions[1]", { versions: [vector(9), short] }],
        ["versions[1]", { versions: [vector(9), undefined, vector(9)] }],
        ["state", { state: undefined }],
        ["state", { state: {} }],
        ...[none, infinite, -1, undefined].flatMap((value): [string, Record<string, unknown>][] => [
          ["staleness", { staleness: value }],
          ["learningRate", { learningRate: value }],
        ]),
        ...[none, infinite, -1].flatMap((value): [string, Record<string, unknown>][] => [
          ["pending", { pending: value }],
          ["stepFactor", { stepFactor: value }],
        ]),
      ];
      const destination = vector(3);
      for (const [name, change] of wrong) {
        const gradient = vector(1);
        const given = { ...late(gradient, chain(2), state), ...change } as LateGradient;
        refuses(name, () => compensator.update(given));
        refuses(name, () => compensator.step?.({ destination, ...given }), !!compensator.step);
        same("gradient", gradient, vector(1));
      }
      refuses("the late gradient", () => compensator.update(undefined as never));
      const fused = () =>
        compensator.step?.({ destination: short, ...late(vector(1), chain(2), state) });
      refuses("destination", fused, !!compensator.step);
      // The state has met none of it.
      const [after, fresh] = [vector(1), vector(1)];
      compensator.update(late(after, chain(2), state));
      compensator.update(late(fresh, chain(2), compensator.init({ parameterCount: length })));
      same("gradient", after, fresh);
    },
  },
];

/** @param exists what is to refuse; where there is no such method there is nothing to hold it to. */
function refuses(name: string, work: () => unknown, exists = true): void {
  if (!exists) return;
  try {
    work();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const isNamed = message.includes(` for ${name} but received `) && !message.includes("\n");
    if (code === "FERRET_INPUT" && message.startsWith("Expected ") && isNamed) return;
    throw new Error(`Expected an InputError that names ${name} but found: ${message}`);
  }
  throw new Error(`Expected an InputError that names ${name} but nothing was refused`);
}

const late = (
  gradient: Float32Array,
  versions: readonly Float32Array[],
  state: unknown,
  staleness = 2,
) => ({ gradient, versions, state, staleness, learningRate: 0.05 });

const chain = (seed: number, scale = 1) =>
  [0, 1, 2].map((version) => vector(100 + 10 * seed + version, scale));

/** Repeatable numbers in [-scale, scale). */
function vector(seed: number, scale = 1): Float32Array {
  let state = (seed + 1) * 7919;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return scale * (state / 2 ** 31 - 1);
  });
}

function same(name: string, actual: Float32Array, expected: Float32Array): void {
  const at = actual.findIndex((value, index) => !Object.is(value, expected[index]));
  if (at >= 0)
    throw new Error(`Expected ${expected[at]} for ${name}[${at}] but found ${actual[at]}`);
}
