import type { VectorKernels } from "./contract.js";

/** What a kernel takes at one place of its call. */
export interface Parameter {
  readonly name: string;
  /**
   * `vector`: a Float32Array of the length that all of a call have; `versions`: several of them;
   * `doubles`: a Float64Array of at least `count`; `rows`, `columns`: one of `count` for each row or
   * column of the matrix that each vector is.
   */
  readonly kind: "vector" | "versions" | "number" | "doubles" | "rows" | "columns";
  readonly isWritten: boolean;
  readonly count: number;
}

const parameter =
  (kind: Parameter["kind"], isWritten: boolean) =>
  (name: string, count = 1): Parameter => ({ name, kind, isWritten, count });

const written = parameter("vector", true);
const read = parameter("vector", false);
const number = parameter("number", false);
const writtenDoubles = parameter("doubles", true);
const readRows = parameter("rows", false);
const writtenRows = parameter("rows", true);
const readColumns = parameter("columns", false);
const writtenColumns = parameter("columns", true);

const versions = parameter("versions", false)("versions");
const sums = writtenDoubles("sums", 2);
const changing = [read("gradient"), read("newest"), read("origin")];
const stepping = [written("destination"), ...changing];
const leading = [
  number("rate"),
  number("leadScale"),
  readRows("lead"),
  readColumns("leadProjection"),
  readRows("direction"),
];

/** The parameters of every kernel, in their order. */
export const kernelParameters: Readonly<Record<keyof VectorKernels, readonly Parameter[]>> = {
  iterativeFisher: [written("gradient"), versions, number("lambda")],
  iterativeFisherSgd: [
    written("destination"),
    read("source"),
    read("gradient"),
    versions,
    number("lambda"),
    number("learningRate"),
  ],
  iterativeFisherStatistics: [
    read("gradient"),
    read("newest"),
    read("previous"),
    written("residualAverage"),
    written("fisherAverage"),
    number("emaDecay"),
    sums,
  ],
  sgd: [written("destination"), read("source"), read("gradient"), number("learningRate")],
  add: [written("accumulator"), read("gradient")],
  closedFormFisher: [...stepping, number("lambda"), number("step")],
  adaptiveFisher: [
    ...stepping,
    written("meanSquare"),
    number("decay"),
    number("lambda"),
    number("step"),
  ],
  gapAware: [
    ...stepping,
    written("meanSquare"),
    number("decay"),
    number("scale"),
    number("floor"),
    number("step"),
  ],
  fisherCap: [
    written("destination"),
    read("gradient"),
    read("newest"),
    written("meanSquare"),
    number("decay"),
    number("strength"),
    number("step"),
  ],
  squaredNorm: [read("gradient")],
  changeProducts: [...changing, sums],
  secantSums: [
    ...changing,
    read("averageGradient"),
    read("averageOrigin"),
    ...leading,
    writtenColumns("projections", 4),
    writtenDoubles("sums", 6),
  ],
  secantRepair: [
    written("gradient"),
    read("newest"),
    read("origin"),
    written("averageGradient"),
    written("averageOrigin"),
    ...leading,
    number("scale"),
    number("damping"),
    number("leadFactor"),
    number("nextLeadFactor"),
    readColumns("projection"),
  ],
  rankOneSums: [...changing, readRows("direction"), writtenColumns("projections", 2)],
  rankOneRepair: [
    ...stepping,
    number("scale"),
    number("damping"),
    readRows("direction"),
    readColumns("projection"),
    number("step"),
  ],
  projectColumns: [read("matrix"), readColumns("projection"), writtenRows("direction")],
};

/** Of all kernels, those that are optional too: what a binary must have. */
export const kernelNames = Object.keys(kernelParameters) as readonly (keyof VectorKernels)[];

/** Kernels of blocks, which take parameters of no shape too: as 0 rows and 0 columns. */
export const takesNoShape: ReadonlySet<string> = new Set(["secantSums", "secantRepair"]);
