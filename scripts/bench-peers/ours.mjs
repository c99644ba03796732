// Our side, a child process: reads requests { model, batch, repetitions }, one JSON line each, and
// answers { times (ms), parameters, operations (of one sample forward) } or { unavailable }.
// A repetition is one training step; for "matmul" a forward pass.
import { createInterface } from "node:readline";
import { loadKernels } from "@ferret-ocl/kernels-cuda";
import { softmaxCrossEntropy } from "@ferret-ocl/ocl-algorithms";
import { InputError, parseModel } from "@ferret-ocl/pipeline";
import {
  allocateParameters,
  cutStages,
  Ledger,
  loadNativeRuntime,
} from "@ferret-ocl/pipeline/engine";
import { models } from "./models.mjs";

// Ctrl-C reaches the whole group of processes; the parent decides when this one ends.
process.on("SIGINT", () => {});

const learningRate = 1e-3;

/** Uniform in [-limit, limit], the same values in every run. */
function fillRandom(values, limit) {
  let state = 12345;
  for (let index = 0; index < values.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[index] = (2 * (state / 2 ** 32) - 1) * limit;
  }
}

/** Compiles the model as one stage and returns the work of one repetition, on its own buffers. */
function prepare(runtime, kernels, name, batch) {
  const model = parseModel(models[name]());
  const [stage] = cutStages(model, [0]);
  const mode = name === "matmul" ? "predict" : "learn";
  const program = runtime.compile(stage.layers, batch, mode);
  const ledger = new Ledger();
  const parameters = allocateParameters(model, ledger, { seed: 1 });
  const inputs = batch * model.inputShape.reduce((product, size) => product * size, 1);
  const input = ledger.floats("queue", inputs);
  const output = ledger.floats("boundaries", batch * model.classes);
  const scratch = ledger.bytes("scratch", program.scratchBytes);
  fillRandom(input, Math.sqrt(3)); // variance 1

  const facts = {
    parameters: stage.parameterCount,
    operations: model.layers.reduce((sum, layer) => sum + layer.operations, 0),
  };
  if (mode === "predict")
    return { facts, run: () => program.forward(parameters, input, null, output, scratch) };

  const saved = ledger.bytes("activations", program.savedBytes);
  const labels = Int32Array.from({ length: batch }, (_, index) => index % model.classes);
  const forward = () => {
    program.forward(parameters, input, saved, output, scratch);
    return softmaxCrossEntropy(output, labels, batch, model.classes, output);
  };
  if (program.backwardUpdate) {
    const run = () => {
      const loss = forward();
      program.backwardUpdate(
        parameters,
        input,
        saved,
        output,
        null,
        parameters,
        parameters,
        learningRate,
        scratch,
      );
      return loss;
    };
    return { facts, run };
  }
  const gradient = ledger.floats("accumulators", stage.parameterCount);
  const run = () => {
    const loss = forward();
    program.backward(parameters, input, saved, output, null, gradient, scratch);
    kernels.sgd(parameters, parameters, gradient, learningRate);
    return loss;
  };
  return { facts, run };
}

/** Milliseconds of each repetition, after a few that warm the caches again. */
function time(run, repetitions) {
  for (let index = 0; index < Math.ceil(repetitions / 10); index++) run();
  const times = new Float64Array(repetitions);
  let loss;
  for (let index = 0; index < repetitions; index++) {
    const began = performance.now();
    loss = run();
    times[index] = performance.now() - began;
  }
  if (loss !== undefined && !Number.isFinite(loss)) throw new Error(`The loss became ${loss}`);
  return [...times];
}

function reply(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function serve() {
  const runtime = await loadNativeRuntime();
  const { kernels } = loadKernels();
  reply({ ready: runtime.description });
  const prepared = new Map();
  for await (const line of createInterface({ input: process.stdin })) {
    const { model, batch, repetitions } = JSON.parse(line);
    const key = `${model} ${batch}`;
    if (!prepared.has(key)) {
      try {
        prepared.set(key, prepare(runtime, kernels, model, batch));
      } catch (error) {
        // A layer kind that the reader or the native programs do not know: not a fault of the bench.
        reply({ unavailable: error.message });
        continue;
      }
    }
    const { facts, run } = prepared.get(key);
    reply({ times: time(run, repetitions), ...facts });
  }
}

try {
  await serve();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
