import { kernelNames, referenceKernels } from "@ferret-ocl/compensation";
import { kernelChecks } from "@ferret-ocl/compensation/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../src/index.js";
import { openKernels } from "../src/load.js";
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
        { numRuns: 15 },
      );
    });
  });

describe.each(implementations.filter(({ available }) => available))(
  "$name kernels",
  ({ kernels }) => {
    const [three, four] = [new Float32Array(3), new Float32Array(4)];
    const [shared, wide] = [new Float32Array(8), new Float64Array(3)];
    const [early, late] = [shared.subarray(0, 4), shared.subarray(2, 6)];
    it.each<[string, () => void]>([
      ["Expected 3 elements for gradient but received 4", () => kernels.add(three, four)],
      [
        "Expected a Float32Array for gradient but received an object of type Float64Array",
        () => kernels.add(three, wide as never),
      ],
      [
        "Expected a Float32Array for gradient but received undefined",
        () => (kernels.add as (only: Float32Array) => void)(three),
      ],
      [
        "Expected a number for learningRate but received a string",
        () => kernels.sgd(three, three, three, "x" as never),
      ],
      [
        "Expected an array for versions but received an object of type Float32Array",
        () => kernels.iterativeFisher(three, three as never, 1),
      ],
      [
        "Expected an array of at most 1024 for versions but received 1025",
        () => kernels.iterativeFisher(three, Array(1025).fill(three), 1),
      ],
      [
        "Expected 3 elements for versions but received 4",
        () => kernels.iterativeFisher(three, [three, four], 1),
      ],
      [
        "Expected 2 elements for sums but received 1",
        () => kernels.changeProducts(three, three, three, new Float64Array(1)),
      ],
      [
        "Expected a Float64Array for sums but received null",
        () => kernels.changeProducts(three, three, three, null as never),
      ],
      [
        "Expected 3 x 3 elements for matrix but received 4",
        () => kernels.projectColumns?.(four, wide, wide.slice()),
      ],
      [
        "Expected projection and direction apart from each other but they overlap",
        () => kernels.projectColumns?.(new Float32Array(9), wide, wide),
      ],
      [
        "Expected 0 x 0 elements for matrix but received 4",
        () => kernels.projectColumns?.(four, new Float64Array(), new Float64Array()),
      ],
      [
        "Expected a Float32Array for accumulator but received another value",
        () => kernels.add(1n as never, three),
      ],
      [
        "Expected a Float32Array for accumulator but received an object",
        () => kernels.add(Object.create(null), three),
      ],
      [
        "Expected a Float32Array for accumulator but received an object of type Function",
        () => kernels.add((() => {}) as never, three),
      ],
      [
        "Expected a Float32Array for accumulator but received an object of type Uint8Array",
        () => kernels.add(new Uint8Array(12) as never, three),
      ],
      [
        "Expected accumulator and gradient apart from each other but they overlap",
        () => kernels.add(early, late),
      ],
      [
        "Expected gradient and versions apart from each other but they overlap",
        () => kernels.iterativeFisher(late, [four, early], 1),
      ],
      [
        "Expected destination and meanSquare apart from each other but they overlap",
        () => kernels.fisherCap(four, early, early, four, 0.9, 1, 0),
      ],
    ])("refuse a wrong call: %s", (message, call) => {
      expect(call).toThrow(new TypeError(message));
    });

    it("pass on what an argument throws", () => {
      const array = Object.defineProperty({}, "constructor", {
        get: () => {
          throw new RangeError("mine");
        },
      });
      expect(() => kernels.add(three, array as Float32Array)).toThrow(new RangeError("mine"));
    });

    it("take arrays side by side in one buffer, and empty ones", () => {
      const [left, right] = [shared.subarray(0, 4), shared.subarray(4, 8)];
      kernels.add(left, right);
      kernels.add(shared.subarray(2, 2), shared.subarray(1, 1));
      expect(kernels.squaredNorm(left)).toBe(0);
    });

    it("work in place on shared memory", () => {
      const shared = new Float32Array(new SharedArrayBuffer(16));
      kernels.add(shared, Float32Array.of(1, 2, 3, 4));
      expect([...shared]).toEqual([1, 2, 3, 4]);
    });
  },
);

it("a binary that lacks a kernel is one of an older package", () => {
  const older = { ...referenceKernels, secantSums: undefined, features: { oneDnn: null } };
  expect(() => openKernels(older)).toThrow(
    new Error("the binary has no secantSums, so it is older than this package"),
  );
  const foreign = { ...referenceKernels, features: { oneDnn: null, revision: 1 } };
  expect(() => openKernels(foreign)).toThrow(
    new Error("the binary is of revision 1, where this package needs revision 6"),
  );
});

describe.skipIf(!native)("cpu kernels", () => {
  it("are all that the contract has", () => {
    const missing = kernelNames.filter((name) => typeof loaded.kernels[name] !== "function");
    expect(missing).toEqual([]);
    expect(Object.keys(referenceKernels).sort()).toEqual([...kernelNames].sort());
  });

  it("come with a report that names every candidate that is not used, once", () => {
    const { cuda, programs, report } = loaded;
    const expected = [...(programs ? [] : ["stage programs"]), ...(cuda ? [] : ["cuda"])];
    expect(report.rejected.map(({ candidate }) => candidate)).toEqual(expected);
    for (const { reason, remedy } of report.rejected) expect(reason && remedy).toBeTruthy();
  });
});
