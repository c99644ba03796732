// Prints what 10,000 training steps leave behind: { heapBytes, rssBytes }. A process of its own,
// started with --expose-gc by steady-memory.test.ts.
import { loadKernels } from "../dist/index.js";

const steps = 10_000;
const window = { kernel: [3, 3], before: [1, 1], after: [1, 1] };
const image = [8, 8, 32];
const same = (kind, rest = {}) => ({ kind, inputShape: image, outputShape: image, ...rest });
const normalization = same("batchNormalization", { activation: "relu" });
const layers = [
  { kind: "conv2d", inputShape: [8, 8, 3], outputShape: image, ...window, bias: true },
  normalization,
  {
    kind: "residual",
    inputShape: image,
    outputShape: image,
    activation: "relu",
    main: [same("conv2d", window)],
  },
  same("depthwiseConv2d", window),
  same("instanceNormalization", { activation: "relu6" }),
  same("dropout", { rate: 0.1, seed: 1 }),
  same("groupNormalization", { groups: 4, activation: "tanh" }),
  {
    kind: "maxPooling2d",
    inputShape: image,
    outputShape: [4, 4, 32],
    kernel: [2, 2],
    strides: [2, 2],
  },
  { kind: "globalAveragePooling2d", inputShape: [4, 4, 32], outputShape: [32] },
  { kind: "layerNormalization", inputShape: [32], outputShape: [32] },
  { kind: "activation", inputShape: [32], outputShape: [32], activation: "gelu" },
  { kind: "dense", inputShape: [32], outputShape: [10], bias: true },
];

const program = loadKernels().programs.compile(layers, 5);
const parameters = new Float32Array(program.parameterCount).fill(0.1);
const input = Float32Array.from({ length: program.inputCount }, (_, i) => Math.sin(i));
const output = new Float32Array(program.outputCount);
const saved = new Uint8Array(program.savedBytes);
const pending = new Uint8Array(program.pendingBytes);
const scratch = new Uint8Array(program.scratchBytes);
const gradient = new Float32Array(program.parameterCount);

function run(count) {
  for (let step = 0; step < count; step++) {
    program.forward(parameters, input, saved, output, scratch);
    program.backward(parameters, input, saved, output, null, gradient, scratch);
    program.forward(parameters, input, null, output, scratch);
    program.forward(parameters, input, saved, null, scratch);
    program.backwardInput(parameters, input, saved, output, null, pending, scratch);
    program.backwardWeights(saved, pending, gradient, scratch);
    program.backwardUpdate(
      parameters,
      input,
      saved,
      output,
      null,
      parameters,
      parameters,
      0,
      scratch,
    );
  }
}

function measure() {
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapUsed, rss };
}

run(1000);
const before = measure();
run(steps);
const after = measure();
console.log(
  JSON.stringify({
    heapBytes: after.heapUsed - before.heapUsed,
    rssBytes: after.rss - before.rss,
  }),
);
