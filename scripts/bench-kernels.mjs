// The memory bandwidth of the vector kernels beside that of plain copies of the same arrays, in the
// same run and in turns. It is no check. Arguments: parameters (default 16 million), rounds.
import { loadKernels } from "@ferret-ocl/kernels-cuda";

const [length = "16e6", rounds = "15"] = process.argv.slice(2);
const count = Number(length);
const { kernels, report } = loadKernels();
const vectors = Array.from({ length: 6 }, (_, seed) =>
  Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.7 + seed)),
);
const [destination, gradient, newest, origin, average, other] = vectors;
average.forEach((value, index) => {
  average[index] = value * value;
});
const sums = new Float64Array(2);

/** By kernel: arrays read, arrays written, the call. */
const cases = {
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
  damp: [3, 1, () => kernels.damp(destination, gradient, newest, origin, 0.1, 1, 1e-6)],
  secant: [4, 2, () => kernels.secant(gradient, origin, average, other, sums)],
  squaredNorm: [1, 0, () => kernels.squaredNorm(gradient)],
  changeProducts: [3, 0, () => kernels.changeProducts(gradient, newest, origin, sums)],
};

/** Moves as many arrays as a kernel: copies, each reads one and writes one. */
function copies(arrays) {
  for (let copy = 0; copy < Math.ceil(arrays / 2); copy++)
    vectors[(2 * copy + 1) % 6].set(vectors[(2 * copy) % 6]);
  return 2 * Math.ceil(arrays / 2);
}

function seconds(call) {
  const began = performance.now();
  call();
  return (performance.now() - began) / 1000;
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const gigabytes = (arrays, time) => (arrays * 4 * count) / time / 1e9;

console.log(`kernels: ${report.chosen}, ${count} parameters, medians of ${rounds}`);
for (const [name, [reads, writes, call]] of Object.entries(cases)) {
  const arrays = reads + writes;
  const ours = [];
  const plain = [];
  call();
  for (let round = 0; round < Number(rounds); round++) {
    ours.push(gigabytes(arrays, seconds(call)));
    let moved = 0;
    const time = seconds(() => {
      moved = copies(arrays);
    });
    plain.push(gigabytes(moved, time));
  }
  const [speed, copy] = [median(ours), median(plain)];
  console.log(
    `${name.padEnd(27)}${speed.toFixed(1).padStart(6)} GB/s   copy ${copy.toFixed(1).padStart(6)} GB/s` +
      `${((100 * speed) / copy).toFixed(0).padStart(6)} %`,
  );
}
