// The memory bandwidth of the vector kernels compared with that of plain copies of the same arrays,
// in the same run, alternating. It is not a check.
import { loadKernels } from "@ferret-ocl/kernels-cuda";
import { readOptions } from "./shared/command.mjs";

const help = `The memory bandwidth of the vector kernels compared with that of plain copies of the same arrays.

  npm run bench:kernels -- [options]

  --parameters <n>   length of the arrays (default 16e6)
  --rounds <n>       measurements of each, alternating; medians are printed (default 15)

FERRET_ISA chooses a released binary. Quiet machines only.`;
const options = readOptions(help, { parameters: "16e6", rounds: "15" });
for (const [name, text] of Object.entries({
  parameters: options.parameters,
  rounds: options.rounds,
}))
  if (!(Number.isSafeInteger(Number(text)) && Number(text) > 0)) {
    console.error(`Expected a whole number above 0 for --${name} but received "${text}"`);
    process.exit(2);
  }
const count = Number(options.parameters);
const rounds = Number(options.rounds);
const { kernels, report } = loadKernels();

/** Rows and columns: one that caches hold, one that they do not. */
const matrices = [
  [784, 256],
  [4096, 4096],
];
const longest = Math.max(count, ...matrices.map(([rows, columns]) => rows * columns));
const buffers = Array.from({ length: 7 }, (_, seed) =>
  Float32Array.from({ length: longest }, (_, index) => Math.sin(index * 0.7 + seed)),
);
buffers[4].forEach((value, index) => {
  buffers[4][index] = value * value;
});
const [destination, gradient, newest, origin, average, other] = buffers.map((buffer) =>
  buffer.subarray(0, count),
);
const sums = new Float64Array(2);

/** By kernel: arrays read, arrays written, the call. */
const onVectors = {
  sgd: [2, 1, () => kernels.sgd(destination, newest, gradient, 1e-6)],
  closedFormFisher: [
    3,
    1,
    () => kernels.closedFormFisher(destination, gradient, newest, origin, 0.2, 1e-6),
  ],
  adaptiveFisher: [
    4,
    2,
    () => kernels.adaptiveFisher(destination, gradient, newest, origin, average, 0.95, 0.2, 1e-6),
  ],
  gapAware: [
    4,
    2,
    () => kernels.gapAware(destination, gradient, newest, origin, average, 0.99, 0.1, 1e-9, 1e-6),
  ],
  fisherCap: [
    3,
    2,
    () => kernels.fisherCap(destination, gradient, newest, average, 0.99, 10, 1e-6),
  ],
  iterativeFisherStatistics: [
    5,
    2,
    () => kernels.iterativeFisherStatistics(gradient, newest, origin, average, other, 0.9, sums),
  ],
  squaredNorm: [1, 0, () => kernels.squaredNorm(gradient)],
  changeProducts: [3, 0, () => kernels.changeProducts(gradient, newest, origin, sums)],
  ...onBlock(0, 0, count),
};

/** The kernels of secants on a matrix, or with neither rows nor columns on vectors of no shape. */
function onBlock(rows, columns, length) {
  const vectors = buffers.slice(0, 5).map((buffer) => buffer.subarray(0, length));
  const numbers = (count) => Float64Array.from({ length: count }, (_, index) => Math.cos(index));
  const [lead, direction] = [numbers(rows), numbers(rows)];
  const [leadProjection, projection] = [numbers(columns), numbers(columns)];
  const projections = new Float64Array(4 * columns);
  const sums = new Float64Array(6);
  const given = [...vectors, 0.2, -0.1, lead, leadProjection, direction];
  return {
    secantSums: [5, 0, () => kernels.secantSums?.(...given, projections, sums)],
    secantRepair: [5, 3, () => kernels.secantRepair?.(...given, 0.5, 0.1, 0.1, 0.1, projection)],
  };
}

/** The same for a matrix; beside it vectors of doubles are moved, of which two are counted. */
function onMatrix(rows, columns) {
  const matrix = buffers[1].subarray(0, rows * columns);
  const projection = Float64Array.from({ length: columns }, (_, index) => Math.cos(index));
  const direction = new Float64Array(rows);
  return {
    projectColumns: [1, 0, () => kernels.projectColumns?.(matrix, projection, direction)],
    ...onBlock(rows, columns, rows * columns),
  };
}

/** Moves as many arrays as a kernel: copies, each reads one and writes one. */
function copies(arrays, length) {
  for (let copy = 0; copy < Math.ceil(arrays / 2); copy++)
    buffers[(2 * copy + 1) % 7].set(buffers[(2 * copy) % 7].subarray(0, length));
  return 2 * Math.ceil(arrays / 2);
}

/** Seconds of a call; short ones are timed many together. */
function seconds(call, length) {
  const calls = Math.ceil(4e6 / length);
  const began = performance.now();
  for (let index = 0; index < calls; index++) call();
  return (performance.now() - began) / 1000 / calls;
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** One line: `beside` bytes are moved in addition to arrays of `length`. */
function compare(name, [reads, writes, call], length, beside = 0) {
  const arrays = reads + writes;
  const gigabytes = (moved, time, more) => (moved * 4 * length + more) / time / 1e9;
  const ours = [];
  const plain = [];
  call();
  for (let round = 0; round < rounds; round++) {
    ours.push(gigabytes(arrays, seconds(call, length), beside));
    let moved = 0;
    const time = seconds(() => {
      moved = copies(arrays, length);
    }, length);
    plain.push(gigabytes(moved, time, 0));
  }
  const [speed, copy] = [median(ours), median(plain)];
  console.log(
    `${name.padEnd(27)}${speed.toFixed(1).padStart(6)} GB/s   copy ${copy.toFixed(1).padStart(6)} GB/s` +
      `${((100 * speed) / copy).toFixed(0).padStart(6)} %`,
  );
}

console.log(
  `kernels: ${report.chosen} ${report.instructionSet ?? ""} (${report.binary ?? "TypeScript"}), ${count} parameters, medians of ${rounds}`,
);
for (const [name, each] of Object.entries(onVectors)) compare(name, each, count);
if (kernels.projectColumns)
  for (const [rows, columns] of matrices) {
    console.log(`a matrix of ${rows} x ${columns}`);
    for (const [name, each] of Object.entries(onMatrix(rows, columns)))
      compare(name, each, rows * columns, 8 * (rows + columns));
  }
