// The compensator of compensate-pytorch.py, which starts this: float32 numbers come in on standard
// input and repaired gradients go out on standard output. A process in any language can do the same.
import { readSync, writeSync } from "node:fs";
import { createCompensator } from "@ferret-ocl/compensation";

const [, , name, learningRate, layers] = process.argv;
// Weights of each layer as a matrix with one column an output, its bias as one more row.
let parameterCount = 0;
const matrices = JSON.parse(layers ?? "[]").map(({ inputs, outputs }) => {
  const matrix = { offset: parameterCount, rows: inputs + 1, columns: outputs };
  parameterCount += matrix.rows * outputs;
  return matrix;
});
const compensator = createCompensator(name);
const state = compensator.init({ parameterCount, matrices });

// A late gradient comes as its staleness, itself, the weights that it was computed with, the newest.
const received = new Float32Array(1 + 3 * parameterCount);
const part = (index) =>
  received.subarray(1 + index * parameterCount, 1 + (index + 1) * parameterCount);
const [gradient, origin, newest] = [part(0), part(1), part(2)];
const versions = [origin, newest];

/** False at the end of what comes in. */
function receive() {
  const bytes = new Uint8Array(received.buffer);
  for (let count = 0; count < bytes.length; ) {
    const more = readSync(0, bytes, count, bytes.length - count);
    if (more === 0) return false;
    count += more;
  }
  return true;
}

while (receive()) {
  const [staleness] = received;
  compensator.update({ gradient, versions, state, staleness, learningRate: Number(learningRate) });
  const bytes = new Uint8Array(gradient.buffer, gradient.byteOffset, gradient.byteLength);
  for (let count = 0; count < bytes.length; ) count += writeSync(1, bytes, count);
}
