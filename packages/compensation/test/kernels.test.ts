import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelNames, referenceKernels } from "../src/index.js";
import { kernelChecks } from "../src/testing.js";

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("kernels in plain TypeScript", () => {
  it.each(kernelChecks)("$claim", ({ run }) => {
    for (const length of [0, 1, 17, 130]) run(referenceKernels, length, generator(length));
    fc.assert(
      fc.property(fc.nat(600), fc.integer(), (length, seed) =>
        run(referenceKernels, length, generator(seed)),
      ),
      { numRuns: 10 },
    );
  });

  it("are all that there are", () => {
    expect(Object.keys(referenceKernels).sort()).toEqual([...kernelNames].sort());
  });
});

describe("the checks", () => {
  it("fail a kernel that is off by a little, whichever it is", () => {
    for (const name of kernelNames) {
      const off = { ...referenceKernels, [name]: shifted(name) };
      const run = () => kernelChecks.map((check) => check.run(off, 130, generator(1)));
      expect(run, name).toThrow();
    }
  });
});

/** The kernel, and then the first number that it may write is off by a thousandth. */
function shifted(name: keyof typeof referenceKernels) {
  const kernel = referenceKernels[name] as (...call: unknown[]) => unknown;
  return (...call: unknown[]) => {
    const before = call.map((argument) => (isArray(argument) ? argument.slice() : argument));
    const result = kernel(...call);
    for (const [place, argument] of call.entries())
      if (isArray(argument)) {
        const index = argument.findIndex(
          (value, at) => value !== (before[place] as Float64Array)[at],
        );
        if (index < 0) continue;
        argument[index] = (argument[index] as number) * 1.01 + 0.001;
        return result;
      }
    return typeof result === "number" ? result * 1.01 + 0.001 : result;
  };
}

const isArray = (value: unknown): value is Float32Array | Float64Array =>
  value instanceof Float32Array || value instanceof Float64Array;
