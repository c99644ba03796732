import { referenceKernels } from "@ferret-ocl/compensation";
import { kernelChecks } from "@ferret-ocl/kernels-cuda/testing";
import { describe, expect, it } from "vitest";

// The packages of compensation and of kernels know nothing of each other, and each has kernels in
// plain TypeScript: what one runs without the other must pass the same checks.
describe("compensation's own kernels", () => {
  it.each(kernelChecks)("$claim", ({ run }) => {
    for (const length of [0, 1, 17, 1023]) {
      let state = length;
      const random = () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      };
      expect(() => run(referenceKernels, length, random)).not.toThrow();
    }
  });
});
