import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadKernels, referenceKernels } from "../src/index.js";
import { kernelChecks } from "../src/testing.js";
import { generator } from "./generator.js";

const loaded = loadKernels();
const native = loaded.report.chosen === "cpu";
if (!native) console.warn(`Native kernels are not tested: ${loaded.report.rejected[0]?.reason}`);

const implementations = [
  { name: "reference", kernels: referenceKernels, available: true },
  { name: "cpu", kernels: loaded.kernels, available: native },
];

for (const { name, kernels, available } of implementations)
  describe.skipIf(!available)(`${name} kernels`, () => {
    it.each(kernelChecks)("$claim", ({ run }) => {
      for (const length of [0, 1, 15, 16, 17, 1023, 1024, 1025, 5000])
        run(kernels, length, generator(length));
      fc.assert(
        fc.property(fc.nat(3000), fc.integer(), (length, seed) =>
          run(kernels, length, generator(seed)),
        ),
        { numRuns: 30 },
      );
    });
  });

describe.skipIf(!native)("cpu kernels", () => {
  it("refuse arrays of another type or length with the argument's name", () => {
    const { kernels } = loaded;
    const three = new Float32Array(3);
    expect(() => kernels.add(three, new Float32Array(4))).toThrow(
      "Expected 3 elements for gradient but received 4",
    );
    expect(() => kernels.add(three, new Float64Array(3) as unknown as Float32Array)).toThrow(
      "Expected a Float32Array for gradient",
    );
    expect(() => kernels.sgd(three, three, three, "x" as unknown as number)).toThrow(
      "Expected a number for learningRate",
    );
  });

  it("come with a report that names every candidate that is not used, once", () => {
    const { cuda, programs, report } = loaded;
    const expected = [...(programs ? [] : ["stage programs"]), ...(cuda ? [] : ["cuda"])];
    expect(report.rejected.map(({ candidate }) => candidate)).toEqual(expected);
    for (const { reason, remedy } of report.rejected) expect(reason && remedy).toBeTruthy();
  });

  it("work in place on shared memory", () => {
    const shared = new Float32Array(new SharedArrayBuffer(16));
    loaded.kernels.add(shared, Float32Array.of(1, 2, 3, 4));
    expect([...shared]).toEqual([1, 2, 3, 4]);
  });
});
