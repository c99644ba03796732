// How well R (Eq. 3) and `expectedProgress` rank plans by the online accuracy that they reach: random
// plans of one setting, each run on the virtual clock, and Spearman's rank correlations.
import { execFile } from "node:child_process";
import { appendFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { createCompensator } from "@ferret-ocl/compensation";
import { expectedProgress, parseProfile } from "@ferret-ocl/planner";
import { randomFrom } from "./shared/random.mjs";
import { spearman } from "./shared/ranks.mjs";

const command = fileURLToPath(new URL("../packages/benchmarks/bin/ferret.js", import.meta.url));
const text = (value) => ({ type: "string", default: value });
const { values: options } = parseArgs({
  options: {
    dataset: text("glyphs"),
    model: text("mlp"),
    pressure: text("8"),
    lr: text("0.05"),
    optimizer: text("sgd"),
    plans: text("60"),
    items: text("300"),
    seed: text("0"),
    compensations: text("rank-one,secant"),
    // A file to which a line of JSON is added for each plan.
    out: text(""),
  },
});
const { dataset, model } = options;
const compensations = options.compensations.split(",");
const [pressure, planCount, seed] = [options.pressure, options.plans, options.seed].map(Number);

const ferret = async (...words) =>
  JSON.parse(
    (
      await promisify(execFile)(process.execPath, [command, ...words, "--json"], {
        maxBuffer: 2 ** 28,
      })
    ).stdout,
  );
const setting = ["--dataset", dataset, "--model", model];
const profile = parseProfile(await ferret("profile", ...setting, "--timing", "model"));
const arrivalInterval = profile.sequentialTime / pressure;
const layerCount = profile.layers.length;
const random = randomFrom(seed);
const draw = (count) => Math.floor(random() * count);

const plans = Array.from({ length: planCount }, drawPlan);
const runs = [];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let drawn = plans.pop(); drawn; drawn = plans.pop()) await measure(drawn);
  }),
);
process.stderr.write("\n");

async function measure({ compensation, partition, workers, inFlight }) {
  const record = await ferret(
    ...["run", ...setting, "--compensation", compensation, "--partition", partition.join()],
    ...["--workers", JSON.stringify({ workers, inFlight }), "--pressure", options.pressure],
    ...["--lr", options.lr, "--optimizer", options.optimizer],
    ...["--items", options.items, "--seed", options.seed],
  );
  const request = {
    ...{ profile, partition, workers, arrivalInterval, compensation, inFlight },
    optimizer: options.optimizer,
    stalenessCost: costOf(compensation) ?? costOf("none"),
  };
  const run = {
    accuracy: record.oacc,
    rate: record.plan.adaptationRate,
    progress: expectedProgress(request),
  };
  runs.push(run);
  if (options.out) {
    const plan = { compensation, partition, workers, inFlight };
    const { optimizer } = options;
    const line = { dataset, model, pressure, seed, optimizer, lr: Number(options.lr) };
    appendFileSync(options.out, `${JSON.stringify({ ...line, ...run, ...plan })}\n`);
  }
  process.stderr.write(`\r${runs.length}/${planCount} plans`);
}

/** k of a compensation with the optimizer; undefined if it has not been measured. */
function costOf(compensation) {
  const { stalenessCost, stalenessCostBehind } = createCompensator(compensation);
  return options.optimizer === "sgd" ? stalenessCost : stalenessCostBehind?.[options.optimizer];
}

const of = (field) => runs.map((run) => run[field]);
const [progress, rate] = ["progress", "rate"].map((field) => spearman(of(field), of("accuracy")));
console.log(
  `${dataset}, ${model}, pressure ${pressure}, ${options.optimizer}, lr ${options.lr}: ` +
    `${planCount} random plans, ` +
    `online accuracy ${Math.min(...of("accuracy")).toFixed(1)} to ${Math.max(...of("accuracy")).toFixed(1)} %; ` +
    `rank correlation with it: progress ${progress.toFixed(2)}, R ${rate.toFixed(2)}`,
);

/**
 * Two stages or more, cut anywhere; all or some or no workers recompute; T2 and T3 in a third each;
 * in half of them fewer items in flight than the workers could hold.
 */
function drawPlan() {
  const cuts = new Set();
  const stageCount = Math.min(layerCount, 2 + draw(3));
  while (cuts.size < stageCount - 1) cuts.add(1 + draw(layerCount - 1));
  const partition = [0, ...[...cuts].sort((a, b) => a - b)];
  const compensation = compensations[draw(compensations.length)];
  const { takesGroups = true } = createCompensator(compensation);
  const recomputes = random();
  const [gathers, omits] = [random() < 0.3 && takesGroups, random() < 0.3];
  const early = (stage) => stage < stageCount - 1 && random() < 0.6;
  const workers = Array.from({ length: 1 + draw(Math.min(32, Math.ceil(pressure))) }, () => ({
    recompute: recomputes < 0.3 || (recomputes < 0.4 && random() < 0.5),
    accumulate: partition.map((_, stage) => (gathers && early(stage) ? 2 + draw(3) : 1)),
    omit: partition.map((_, stage) => (omits && early(stage) ? 1 + draw(2) : 0)),
  }));
  // Half of the plans limit what is in flight; a stage needs a slot at least, and early ones more.
  const inFlight =
    random() < 0.5
      ? partition.map((_, stage) => 1 + draw(Math.ceil(workers.length / (stage + 1)) + 1))
      : undefined;
  return { compensation, partition, workers, ...(inFlight && { inFlight }) };
}
