import { referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
import { loadKernels, referenceKernels as otherReference } from "@ferret-ocl/kernels-cuda";
import { kernelChecks } from "@ferret-ocl/kernels-cuda/testing";
import { describe, expect, it } from "vitest";

// The packages of compensation and of kernels know nothing of each other, and each has kernels in
// plain TypeScript: what one runs without the other must pass the same checks, and be the same.

type Kernel = (...call: unknown[]) => unknown;

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a kernel makes of a call: its result or its complaint, and all arrays afterwards. */
function outcome(kernel: Kernel, call: unknown[]) {
  try {
    return { result: kernel(...call), call };
  } catch (error) {
    return { complaint: `${error}`, call };
  }
}

/** Kernels that run both on the same call, and expect the same bits of them. */
function together(one: VectorKernels, other: VectorKernels): VectorKernels {
  const both = Object.entries(one).map(([name, kernel]) => [
    name,
    (...call: unknown[]) => {
      const copy = structuredClone(call);
      const theirs = outcome(other[name as keyof VectorKernels] as Kernel, copy);
      const ours = outcome(kernel as Kernel, call);
      expect(ours, name).toEqual(theirs);
      if (ours.complaint) throw new TypeError(ours.complaint);
      return ours.result;
    },
  ]);
  return Object.fromEntries(both) as VectorKernels;
}

const names = (kernels: VectorKernels) =>
  Object.entries(kernels)
    .filter(([, kernel]) => typeof kernel === "function")
    .map(([name]) => name);

describe("compensation's own kernels", () => {
  it.each(kernelChecks)("$claim", ({ run }) => {
    const kernels = together(referenceKernels, otherReference);
    for (const length of [0, 1, 17, 130])
      expect(() => run(kernels, length, generator(length))).not.toThrow();
  });

  it("are those of the package of kernels, and all that the native ones are", () => {
    const ours = names(referenceKernels).sort();
    expect(names(otherReference).sort()).toEqual(ours);
    const { kernels, report } = loadKernels();
    const others = ["StageProgram", "programForward", "programBackward", "programBackwardUpdate"];
    const programs = [...others, "programBackwardInput", "programBackwardWeights"];
    if (report.chosen === "cpu")
      expect(
        names(kernels)
          .filter((name) => !programs.includes(name))
          .sort(),
      ).toEqual(ours);
  });
});
