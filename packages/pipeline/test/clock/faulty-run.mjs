// A process of its own that meets a fault in the middle of a stream, says what came of it and, as
// the command does, only notes its exit code: it must end by itself. Words: `threads` or `threads-scheduled`, and the fault.
import * as learners from "@ferret-ocl/pipeline";
import * as engine from "@ferret-ocl/pipeline/engine";
import { noOverheads, plainWorkers, plan } from "@ferret-ocl/planner";

const pipeline = { ...learners, ...engine };
const [learnerName, fault] = process.argv.slice(2);
const [batch, inputLength, classes, threads] = [2, 5, 3, 2];

const dense = (config) => ({ class_name: "Dense", config });
const model = pipeline.parseModel({
  class_name: "Sequential",
  config: {
    layers: [
      dense({ units: 6, activation: "relu", batch_input_shape: [null, inputLength] }),
      dense({ units: classes }),
    ],
  },
});
const runtime = await pipeline.loadNativeRuntime().catch(() => pipeline.loadTfjsRuntime(["cpu"]));
const choice = runtime.name === "native" ? { name: "native" } : { name: "tfjs", backends: ["cpu"] };
const profile = pipeline.profileModel({ model, runtime, batch, timing: "model" });
const overheads = {
  ...noOverheads,
  executorCount: threads,
  arrivalSlots: pipeline.arrivalSlots(threads),
};
const made = learnerName.endsWith("scheduled")
  ? pipeline.planSchedule(profile, "dapple", 2, 2, overheads)
  : plan({
      profile,
      arrivalInterval: 1,
      memoryBudget: null,
      partition: [0, 1],
      workers: plainWorkers(2, 2),
      overheads,
    });

const parts = new URL("./faulty-parts.mjs", import.meta.url).href;
const options = {
  model,
  profile,
  plan: made,
  ledger: new pipeline.Ledger(1e6),
  learningRate: 0.1,
  seed: 1,
  arrivalInterval: null,
};

const start =
  learnerName === "threads" ? pipeline.startThreadsLearner : pipeline.startThreadsScheduledLearner;
const learner = await start({
  ...options,
  threads,
  runtime: choice,
  algorithm: { module: parts, export: "createFaulty", arguments: [fault] },
  compensator: {
    module: import.meta.resolve("@ferret-ocl/compensation"),
    export: "createCompensator",
    arguments: ["none", {}],
  },
  onPrediction(item) {
    if (fault === "prediction" && item === 20) throw new Error("the prediction is not wanted");
  },
});
const item = {
  x: new Float32Array(batch * inputLength),
  labels: new Int32Array(batch),
  size: batch,
};
let asked = performance.now();
try {
  for (let k = 0; k < 60; k++) {
    if (fault === "caller" && k === 20) throw new Error("the data set cannot be read");
    asked = performance.now();
    await learner.observe(item);
  }
  asked = performance.now();
  if (fault !== "forgotten") await learner.finish();
  console.log("through");
} catch (error) {
  console.log(error.message);
  console.log(error.code ?? "no code");
  // How long the caller had to wait until it heard of it.
  console.log(performance.now() - asked < 8000 ? "soon" : "late");
  try {
    await learner.observe(item);
    console.log("goes on");
  } catch (after) {
    console.log(after.message);
  }
  process.exitCode = 7;
}
