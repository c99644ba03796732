import { referenceKernels } from "@ferret-ocl/compensation";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../src/index.js";

const { kernels: native, report } = loadKernels();

const floats = (length = 6) => new Float32Array(length);
const doubles = (length: number) => new Float64Array(length);

/** A right call for a matrix of 2 x 3, by the names of its arguments in their order. */
const vectors = {
  gradient: floats(),
  newest: floats(),
  origin: floats(),
  averageGradient: floats(),
  averageOrigin: floats(),
  rate: 0.5,
  leadScale: -0.2,
  lead: doubles(2),
  leadProjection: doubles(3),
  direction: doubles(2),
};
const sums = {
  ...vectors,
  projections: doubles(12),
  sums: doubles(6),
};
const repair = {
  ...vectors,
  scale: 1,
  damping: 0.5,
  leadFactor: 2,
  nextLeadFactor: -2,
  projection: doubles(3),
};
/** What a block of no shape has in place of rows and columns. */
const plain = { lead: doubles(0), leadProjection: doubles(0), direction: doubles(0) };

type Method = (...values: unknown[]) => void;
const values = (call: object, changed: object) => Object.values({ ...call, ...changed });

describe.each([
  ["reference", referenceKernels],
  ...(report.chosen === "cpu" ? ([["cpu", native]] as const) : []),
] as const)("%s kernels of secants", (_, kernels) => {
  const sum = (changed: object) => (kernels.secantSums as Method)(...values(sums, changed));
  const mend = (changed: object) => (kernels.secantRepair as Method)(...values(repair, changed));

  it.each<[string, () => void]>([
    ["Expected 6 elements for origin but received 5", () => sum({ origin: floats(5) })],
    ["Expected a number for rate but received undefined", () => sum({ rate: undefined })],
    ["Expected a number for leadScale but received null", () => sum({ leadScale: null })],
    ["Expected a number for damping but received a string", () => mend({ damping: "1" })],
    ["Expected a number for leadFactor but received a string", () => mend({ leadFactor: "1" })],
    [
      "Expected 12 elements for projections but received 11",
      () => sum({ projections: doubles(11) }),
    ],
    ["Expected 2 elements for direction but received 3", () => sum({ direction: doubles(3) })],
    ["Expected 3 elements for projection but received 6", () => mend({ projection: doubles(6) })],
    ["Expected 6 elements for sums but received 5", () => sum({ sums: doubles(5) })],
    ["Expected a Float64Array for sums but received undefined", () => sum({ sums: undefined })],
    [
      "Expected a Float64Array for direction but received an object of type Array",
      () => mend({ direction: [1] }),
    ],
    [
      "Expected 2 x 4 elements for gradient but received 6",
      () => mend({ leadProjection: doubles(4), projection: doubles(4) }),
    ],
    [
      "Expected 0 x 3 elements for gradient but received 6",
      () => sum({ lead: doubles(0), direction: doubles(0) }),
    ],
    [
      "Expected 2 x 0 elements for gradient but received 6",
      () => mend({ leadProjection: doubles(0), projection: doubles(0) }),
    ],
    [
      "Expected gradient and averageGradient apart from each other but they overlap",
      () => mend({ gradient: repair.averageGradient }),
    ],
    [
      "Expected direction and projections apart from each other but they overlap",
      () => sum({ direction: sums.projections.subarray(10) }),
    ],
    [
      "Expected leadProjection and projections apart from each other but they overlap",
      () => sum({ leadProjection: sums.projections.subarray(9) }),
    ],
    [
      "Expected projections and sums apart from each other but they overlap",
      () => sum({ sums: sums.projections.subarray(6) }),
    ],
  ])("refuse a wrong call: %s", (message, call) => {
    expect(call).toThrow(new TypeError(message));
  });

  it("take one array for all that they only read, sums to spare and blocks without a shape", () => {
    sum({ newest: sums.gradient, averageGradient: sums.gradient, direction: sums.lead });
    sum({ sums: doubles(10) });
    sum({ ...plain, projections: sums.sums.subarray(1, 1) });
    mend({ ...plain, projection: doubles(0) });
    mend({ origin: repair.newest });
    mend({ newest: repair.gradient });
  });
});
