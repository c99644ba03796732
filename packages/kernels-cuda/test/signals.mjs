// Learns for a while with a handler for a signal that somebody else sends; prints the sum of the
// parameters, which must not depend on the signals.
import { loadKernels } from "../dist/index.js";

const { programs } = loadKernels();
const layers = [
  {
    kind: "conv2d",
    inputShape: [14, 14, 32],
    outputShape: [12, 12, 64],
    kernel: [3, 3],
    bias: true,
  },
  { kind: "flatten", inputShape: [12, 12, 64], outputShape: [9216] },
  { kind: "dense", inputShape: [9216], outputShape: [128], bias: true },
];
const program = programs.compile(layers, 16);
const numbers = (length) => Float32Array.from({ length }, (_, index) => Math.sin(index) / 9);
const [parameters, input] = [numbers(program.parameterCount), numbers(program.inputCount)];
const output = new Float32Array(program.outputCount);
const [saved, scratch] = [program.savedBytes, program.scratchBytes].map((n) => new Uint8Array(n));
let handled = 0;
process.on("SIGWINCH", () => handled++);
process.send?.("ready");
for (let step = 0; step < 200; step++) {
  program.forward(parameters, input, saved, output, scratch);
  program.backwardUpdate(
    parameters,
    input,
    saved,
    output,
    null,
    parameters,
    parameters,
    1e-6,
    scratch,
  );
  if (step % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
console.log(JSON.stringify({ sum: parameters.reduce((a, b) => a + b, 0), handled }));
process.disconnect?.();
