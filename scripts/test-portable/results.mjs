// Prints a checksum of what each kernel, and the stage program of each of some layers, makes of equal
// arguments, as JSON. FERRET_ISA says with which binary.
import { createHash } from "node:crypto";
import { kernelParameters } from "@ferret-ocl/compensation/testing";
import { loadKernels } from "@ferret-ocl/kernels-cuda";

const { kernels, programs, report } = loadKernels();
const [rows, columns] = [37, 41];

/** Numbers in [-0.5, 0.5). */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}
const floats = (length, seed) => Float32Array.from({ length }, random(seed));
const doubles = (length, seed) => Float64Array.from({ length }, random(seed));
const checksum = (arrays) => {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex").slice(0, 16);
};

const makers = {
  vector: ({ name }, seed) => {
    const values = floats(rows * columns, seed);
    // Averages of squares and of magnitudes are never below zero.
    return /[sS]quare|^average$|Average$/.test(name) ? values.map(Math.abs) : values;
  },
  versions: (_, seed) => [1, 2, 3, 4].map((version) => floats(rows * columns, seed + version)),
  number: () => 0.3,
  doubles: ({ count }) => new Float64Array(count),
  rows: ({ count }, seed) => doubles(count * rows, seed),
  columns: ({ count }, seed) => doubles(count * columns, seed),
};

function ofKernel(name) {
  const given = kernelParameters[name].map((parameter, index) =>
    makers[parameter.kind](parameter, 100 * index + 7),
  );
  const value = kernels[name](...given);
  const written = kernelParameters[name].flatMap(({ isWritten }, index) =>
    isWritten ? [given[index]] : [],
  );
  return checksum([...written, Float64Array.of(value ?? 0)]);
}

const image = [9, 9, 20];
const window = { kernel: [3, 3], strides: [1, 1], before: [1, 1], after: [1, 1] };
const like = (inputShape) => ({ inputShape, outputShape: inputShape });
const layers = {
  dense: { kind: "dense", inputShape: [70], outputShape: [33], bias: true, activation: "relu" },
  conv2d: { kind: "conv2d", ...like(image), ...window, bias: true, activation: "relu" },
  depthwiseConv2d: { kind: "depthwiseConv2d", ...like(image), ...window, bias: true },
  maxPooling2d: { kind: "maxPooling2d", ...like(image), ...window },
  gelu: { kind: "activation", ...like([77]), activation: "gelu" },
  layerNormalization: { kind: "layerNormalization", ...like(image), scale: true, center: true },
};

function ofLayer(layer) {
  const program = programs.compile([layer], 5);
  const [parameters, input] = [floats(program.parameterCount, 1), floats(program.inputCount, 2)];
  const [saved, scratch] = [program.savedBytes, program.scratchBytes].map((n) => new Uint8Array(n));
  const output = new Float32Array(program.outputCount);
  const inputGradient = new Float32Array(program.inputCount);
  const gradient = new Float32Array(program.parameterCount);
  program.forward(parameters, input, saved, output, scratch);
  const forward = checksum([output]);
  const late = floats(program.outputCount, 3);
  program.backward(parameters, input, saved, late, inputGradient, gradient, scratch);
  return { forward, backward: checksum([inputGradient, gradient]) };
}

const results = {};
for (const name of Object.keys(kernelParameters)) results[name] = ofKernel(name);
for (const [name, layer] of programs ? Object.entries(layers) : []) {
  const { forward, backward } = ofLayer(layer);
  results[`${name} forward`] = forward;
  results[`${name} backward`] = backward;
}
const { chosen, instructionSet, binary } = report;
console.log(JSON.stringify({ chosen, instructionSet, binary, results }));
