// What the end of a stream does to a model: test accuracy before and after `finish`, a saved file
// and a change of plan, compared with how much it fluctuates while the stream flows on. Virtual
// clock; nothing is timed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadSafetensors, saveSafetensors } from "@ferret-ocl/pipeline";
import { arrangeParameters, nameParameters } from "@ferret-ocl/pipeline/engine";
import { runnerImport } from "vite";

const help = `A table of test accuracies in percent, means over seeds: before the end; and, as changes in
points, after finish, in a saved file, after a change of plan, and after as many more updates.
"worst" is the largest fall of a single run; "drain" is the most gradients that a stage applies at
the end.

  npm run bench:drain -- [options]

  --models <a,b>      default mlp,mnistnet
  --datasets <a,b>    default mnist,glyphs (those but glyphs need FERRET_DATA_DIR)
  --pressures <a,b>   default 8,32
  --plans <a,b>       none, half (of the memory of that), 2bw: budgets; or the method pipedream-2bw
                      (default none,half,2bw,pipedream-2bw)
  --seeds <a,b>       default 5,6,7,8,9
  --items <n>         items before the end (default 150)
  --test <n>          test samples, a multiple of 16 (default 512)
  --optimizer <name>  sgd, momentum or adam (default sgd)
  --lr <rate>         default 0.05
  --runs              print every run too
  --json              print all runs as JSON and nothing else
`;

const text = (value) => ({ type: "string", default: value });
const { values: options } = parseArgs({
  options: {
    models: text("mlp,mnistnet"),
    datasets: text("mnist,glyphs"),
    pressures: text("8,32"),
    plans: text("none,half,2bw,pipedream-2bw"),
    seeds: text("5,6,7,8,9"),
    items: text("150"),
    test: text("512"),
    optimizer: text("sgd"),
    lr: text("0.05"),
    runs: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(help);
  process.exit(0);
}
const listed = (words) => words.split(",").map((word) => word.trim());
const batch = 16;
const [itemCount, testCount] = [Number(options.items), Number(options.test)];
/** Looks at the model while the stream goes on. */
const looks = 4;

/** A module of the command, which has no public interface. */
const own = async (path) => {
  const file = fileURLToPath(new URL(`../packages/benchmarks/src/${path}`, import.meta.url));
  return (await runnerImport(file, { logLevel: "silent" })).module;
};
const { loadDataset } = await own("datasets/registry.ts");
const { createStream } = await own("streams/registry.ts");
const { loadMachinery } = await own("machinery.ts");
const { prepareModel } = await own("prepare.ts");
const { assemble } = await own("wire.ts");

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const points = (value) => value.toFixed(1).padStart(7);
/** Points by which a model is worse. */
const fallOf = (before, after) => Math.max(0, before - after);

const machinery = await loadMachinery();

/** A learner of a setting on its stream. */
async function begin(words, changes = [], weights = undefined) {
  const { dataset: name, model: modelName, pressure, seed, method, memoryBudget } = words;
  const dataset = await loadDataset(name, { seed, download: false });
  const { model, parameters } = prepareModel(modelName, dataset.train, { weights });
  const order = { order: "iid", batch, seed };
  const stream = createStream(dataset, { ...order, items: null });
  const setting = {
    ...{ dataset: name, dataDir: undefined, model: modelName, weights, method, pressure, seed },
    ...{ memoryBudget, changes, batch, order: "iid", learningRate: Number(options.lr) },
    ...{ algorithm: "vanilla", algorithmOptions: {}, compensation: "auto" },
    ...{ optimizer: options.optimizer, optimizerOptions: {}, objective: "progress" },
    ...{ given: {}, arrival: null, items: null, mostItems: null, passes: 1, scale: null },
    ...{ labelDelay: 0, stages: null, microbatches: null, timing: "model", engine: "virtual" },
    ...{ units: {}, threads: 1 },
  };
  const assembly = await assemble({
    ...{ setting, model, initialParameters: parameters, machinery, pixels: dataset.train.pixels },
    ...{ tracedItems: 0, onPrediction() {}, onWarning() {} },
  });
  const { learner } = assembly;
  const test = stream.present(dataset.test);
  const item = {
    x: new Float32Array(batch * stream.inputLength),
    labels: new Int32Array(batch),
    size: batch,
  };
  let next = 0;
  return {
    ...{ learner, model, assembly },
    /** Lets so many items come. */
    flow(count) {
      for (const end = next + count; next < end; next++) {
        stream.readItem(next, item.x, item.labels);
        learner.observe(item);
      }
    },
    /** Lets items come until a stage has applied so many gradients more. */
    flowFor(count) {
      const most = () => Math.max(...this.gradients());
      for (const end = most() + count; most() < end; ) this.flow(1);
    },
    /** Test accuracy of the newest weights. */
    look() {
      let right = 0;
      for (let first = 0; first < testCount; first += batch) {
        for (let sample = 0; sample < batch; sample++) {
          test.read(first + sample, item.x, sample * stream.inputLength);
          item.labels[sample] = test.label(first + sample);
        }
        right += learner.evaluate(item);
      }
      return (100 * right) / testCount;
    },
    /** By stage: gradients applied. */
    gradients: () =>
      learner.metrics().staleness.map((counts) => counts.reduce((sum, count) => sum + count, 0)),
    dispose: () => learner.dispose(),
  };
}

/** Accuracy of a file with the weights of a learner. */
async function lookAtSaved(words, { learner, model }) {
  const folder = mkdtempSync(join(tmpdir(), "bench-drain-"));
  try {
    const file = join(folder, "weights.safetensors");
    saveSafetensors(file, nameParameters(model, learner.parameters()));
    arrangeParameters(model, loadSafetensors(file));
    const loaded = await begin(words, [], file);
    const accuracy = loaded.look();
    loaded.dispose();
    return accuracy;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One setting and seed. */
async function measure(words) {
  const isPlanned = words.method === "ferret";
  const change = { at: 1, memoryBudget: words.memoryBudget };
  const run = await begin(words, isPlanned ? [change] : []);
  run.flow(itemCount);
  const before = run.look();
  const applied = run.gradients();
  run.learner.finish();
  const drained = run.gradients().map((count, stage) => count - applied[stage]);
  const finished = run.look();
  const saved = await lookAtSaved(words, run);

  // The stream goes on, until the pipeline has long been full again; then come as many updates as
  // the end took, and a change of plan for one as good.
  const far = Math.max(looks, ...drained);
  run.flowFor(2 * far);
  const full = run.look();
  const flowing = Array.from({ length: looks }, (_, index) => {
    run.flowFor(Math.round((far * (index + 1)) / looks) - Math.round((far * index) / looks));
    return run.look();
  });
  let replanned = null;
  if (isPlanned) {
    run.learner.replan(change);
    while (run.learner.switches().length === 0) run.flow(1);
    replanned = run.look();
  }
  const { plan, compensation, planned } = run.assembly;
  run.dispose();
  return {
    ...words,
    ...{ compensation, memory: planned.total, stages: plan?.stageCount ?? drained.length },
    ...{ workers: plan?.workerCount ?? 1, drained },
    ...{ before, finished, saved, full, flowing, replanned },
  };
}

const runs = [];
if (!options.json) {
  const heads = ["before", "finish", "worst", "saved", "replan", "worst", "on", "worst"];
  console.log(
    `${"setting".padEnd(38)} ${"PxN".padStart(6)} ${"repair".padStart(10)} ${"drain".padStart(5)} ` +
      heads.map((head) => head.padStart(7)).join(" "),
  );
}
const settings = listed(options.models).flatMap((model) =>
  listed(options.datasets).flatMap((dataset) =>
    listed(options.pressures).map((pressure) => ({ model, dataset, pressure: Number(pressure) })),
  ),
);
const plans = listed(options.plans);
for (const setting of settings)
  for (const name of plans) {
    const of = [];
    for (const seed of listed(options.seeds).map(Number)) {
      const words = { ...setting, seed, plan: name, method: "ferret", memoryBudget: "none" };
      if (name === "pipedream-2bw") words.method = name;
      else if (name === "half") words.memoryBudget = await half(words);
      else words.memoryBudget = name;
      of.push(await measure(words));
      runs.push(of.at(-1));
      process.stderr.write(
        `\r${runs.length}/${settings.length * plans.length * listed(options.seeds).length} runs`,
      );
    }
    if (!options.json) show(setting, name, of);
  }
process.stderr.write("\n");
if (options.json) console.log(JSON.stringify(runs));

/** Half of what the plan without a limit takes, or the least. */
async function half(words) {
  const unlimited = await begin(words);
  const bytes = Math.floor(unlimited.assembly.planned.total / 2);
  unlimited.dispose();
  const least = await begin({ ...words, memoryBudget: "min" });
  least.dispose();
  return least.assembly.planned.total > bytes ? "min" : bytes;
}

function row(label, of) {
  const planned = of.filter(({ replanned }) => replanned !== null);
  const fall = (field, start = (run) => run.before, among = of) =>
    among.length === 0
      ? ["-".padStart(7), "-".padStart(7)]
      : [
          points(mean(among.map((run) => run[field] - start(run)))),
          points(Math.max(...among.map((run) => fallOf(start(run), run[field])))),
        ];
  const atEnd = ({ flowing }) => flowing.at(-1);
  const lowest = of.map(({ full, flowing }) =>
    Math.max(...flowing.map((value) => fallOf(full, value))),
  );
  return [
    label.padEnd(38),
    `${of[0].stages}x${of[0].workers}`.padStart(6),
    of[0].compensation.padStart(10),
    String(Math.max(...of.flatMap(({ drained }) => drained))).padStart(5),
    points(mean(of.map((run) => run.before))),
    ...fall("finished"),
    points(mean(of.map((run) => run.saved - run.finished))),
    ...fall("replanned", atEnd, planned),
    points(mean(of.map((run) => atEnd(run) - run.full))),
    points(Math.max(...lowest)),
  ].join(" ");
}

function show({ model, dataset, pressure }, plan, of) {
  process.stderr.write("\r");
  console.log(row(`${model}, ${dataset}, ${pressure}, ${plan}`, of));
  if (options.runs) for (const run of of) console.log(row(`  seed ${run.seed}`, [run]));
}
