// What plans predict of a run compared with what a run on the virtual clock counts for the same
// plan, over numbers of compute units, pressures and budgets. It is not a check; the test of
// predictions asserts bounds.
import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { parseModel, profileModel } from "@ferret-ocl/pipeline";
import {
  createVirtualLearner,
  Ledger,
  loadNativeRuntime,
  loadTfjsRuntime,
} from "@ferret-ocl/pipeline/engine";
import { leastMemory, plan } from "@ferret-ocl/planner";

const [batch, inputLength, classes, itemCount] = [2, 8, 3, 600];
const speeds = [null, [1], [1, 1], [1, 1, 1, 1], [1, 0.5]];
const pressures = [1, 2, 4, 8];
const shares = [0, 0.5, 1];

const dense = (config) => ({ class_name: "Dense", config });
const model = parseModel({
  class_name: "Sequential",
  config: {
    layers: [
      dense({ units: 12, activation: "relu", batch_input_shape: [null, inputLength] }),
      dense({ units: 10, activation: "relu" }),
      dense({ units: 8, activation: "relu" }),
      dense({ units: classes }),
    ],
  },
});

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a run on the virtual clock counts, in the terms of a prediction. */
function count(runtime, profile, planned, unitSpeeds) {
  const { parameterCount } = model;
  const shape = { batch, inputLength, classes, parameterCount };
  const actions = [];
  const learner = createVirtualLearner({
    model,
    profile,
    plan: planned,
    ...(unitSpeeds ? { unitSpeeds } : {}),
    runtime,
    ledger: new Ledger(planned.memory.total),
    algorithm: createAlgorithm("vanilla", shape, { seed: 1 }),
    compensator: createCompensator("none"),
    kernels: referenceKernels,
    learningRate: 0.01,
    seed: 1,
    onAction: (action) => actions.push(action),
  });
  const x = new Float32Array(batch * inputLength).fill(1);
  for (let index = 0; index < itemCount; index++)
    learner.observe({ x, labels: new Int32Array(batch), size: batch });
  learner.finish();
  const { dropped, staleness } = learner.metrics();
  learner.dispose();
  // In ms of a unit of speed 1, whichever units the actions ran on.
  const work = actions.reduce((sum, { kind, stage, worker }) => {
    const own = profile.layers.slice(planned.partition[stage], planned.partition[stage + 1]);
    const total = (field) => own.reduce((time, layer) => time + layer[field], 0);
    if (kind === "F") return sum + total("forwardTime");
    if (kind === "U") return sum;
    const again = planned.workers[worker].recompute ? total("forwardTime") : 0;
    return sum + total("backwardTime") + again;
  }, 0);
  const speed = unitSpeeds
    ? unitSpeeds.reduce((sum, each) => sum + each, 0)
    : planned.stageCount * planned.workerCount;
  return {
    utilisation: work / (itemCount * planned.arrivalInterval * speed),
    dropRate: dropped / itemCount,
    latency: planned.partition.map((_, at) =>
      mean(
        actions
          .filter(({ kind, stage }) => kind === "B" && stage === at)
          .map(({ item, end }) => end - item * planned.arrivalInterval),
      ),
    ),
    staleness: staleness.map((counts) => {
      const total = counts.reduce((sum, each) => sum + each, 0);
      return counts.reduce((sum, each, updates) => sum + each * updates, 0) / total;
    }),
  };
}

const runtime = await loadNativeRuntime().catch(() => loadTfjsRuntime(["cpu"]));
const counted = profileModel({ model, runtime, batch, timing: "model" });
const layers = counted.layers.map((layer, index) => {
  const forwardTime = [1, 1.4, 0.8, 0.6][index];
  return { ...layer, forwardTime, backwardTime: 2 * forwardTime };
});
const sequentialTime = layers.reduce(
  (sum, layer) => sum + layer.forwardTime + layer.backwardTime,
  0,
);
const profile = { ...counted, layers, sequentialTime };

console.log("predicted / counted; latency in ms, staleness in updates, both by stage");
console.log("busy: share of all units' time; techniques: T1-T3 where some worker has them");
const rows = [];
for (const unitSpeeds of speeds)
  for (const pressure of pressures) {
    const request = {
      profile,
      arrivalInterval: sequentialTime / pressure,
      ...(unitSpeeds ? { unitSpeeds } : {}),
    };
    const least = leastMemory(request).memory.total;
    const most = plan({ ...request, memoryBudget: null }).memory.total;
    for (const share of shares) {
      const memoryBudget = Math.floor(least + share * Math.max(0, most - least));
      const planned = plan({ ...request, memoryBudget });
      const found = count(runtime, profile, planned, unitSpeeds);
      const expected = planned.prediction;
      const percent = (of) => `${(100 * of).toFixed(0)}`;
      const list = (values) => values.map((value) => value.toFixed(1)).join(" ");
      const has = (field, off) => planned.workers.some((each) => each[field].some((n) => n > off));
      const techniques = [
        planned.workers.some(({ recompute }) => recompute) ? "T1" : "",
        has("accumulate", 1) ? "T2" : "",
        has("omit", 0) ? "T3" : "",
      ];
      rows.push({
        units: unitSpeeds ? unitSpeeds.join(" ") : "no limit",
        pressure,
        "budget %": percent(share),
        "N x P": `${planned.workerCount} x ${planned.stageCount}`,
        techniques: techniques.join(""),
        "busy %": `${percent(expected.utilisation)} / ${percent(found.utilisation)}`,
        "dropped %": `${percent(expected.dropRate)} / ${percent(found.dropRate)}`,
        latency: `${list(expected.latency)} / ${list(found.latency)}`,
        staleness: `${list(expected.staleness)} / ${list(found.staleness)}`,
      });
    }
  }
console.table(rows);
