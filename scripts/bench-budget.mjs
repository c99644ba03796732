// Whether more memory ever learns worse: online accuracy by memory budget, from the least to none,
// compared with the learner that drops what it has no time for (1-Skip). Virtual clock; nothing is
// timed.
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { drawBudgets } from "./shared/budget-chart.mjs";
import { spearman } from "./shared/ranks.mjs";

const command = fileURLToPath(new URL("../packages/benchmarks/bin/ferret.js", import.meta.url));

const help = `Online accuracy by memory budget: prints a table, and writes curves.json and a chart,
curves.svg, to the folder. Runs whose results are already there are not repeated.

  npm run bench:budget -- [options]

  --datasets <a,b>    default glyphs,mnist,cifar10,covertype,weather (those need FERRET_DATA_DIR)
  --models <a,b>      default mlp,mnistnet; a model that does not fit the data is left out
  --pressures <a,b>   default 2,8,32
  --seeds <a,b>       default 0,1,2
  --budgets <n>       from the least to none (default 12)
  --items <n>         items of a run (default 300)
  --lr <rate>         default 0.05
  --optimizer <name>  sgd, momentum or adam (default sgd)
  --objective <name>  progress, or paper (default progress)
  --out <dir>         default budget
`;

const text = (value) => ({ type: "string", default: value });
const { values: options } = parseArgs({
  options: {
    datasets: text("glyphs,mnist,cifar10,covertype,weather"),
    models: text("mlp,mnistnet"),
    pressures: text("2,8,32"),
    seeds: text("0,1,2"),
    budgets: text("12"),
    items: text("300"),
    lr: text("0.05"),
    optimizer: text("sgd"),
    objective: text("progress"),
    out: text("budget"),
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(help);
  process.exit(0);
}
const listed = (words) => words.split(",").map((word) => word.trim());
const seeds = listed(options.seeds);
mkdirSync(options.out, { recursive: true });
const journal = join(options.out, "budget.ndjson");
const kept = new Map(
  (existsSync(journal) ? readFileSync(journal, "utf8").split("\n") : [])
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .map((entry) => [entry.key, entry]),
);

/** Waits for a free place: runs are single-threaded. */
let free = availableParallelism();
const waiting = [];
async function inTurn(work) {
  if (free > 0) free -= 1;
  else await new Promise((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }
}

let done = 0;
/** A run's figures; from the journal if they are there. */
async function figures(setting, words) {
  const all = ["run", ...setting, ...words, "--items", options.items, "--lr", options.lr];
  if (options.optimizer !== "sgd") all.push("--optimizer", options.optimizer);
  const key = all.join(" ");
  if (!kept.has(key)) {
    const record = await inTurn(async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [command, ...all, "--json"], {
        maxBuffer: 2 ** 28,
      });
      return JSON.parse(stdout);
    });
    const { oacc, tacc, memory, plan, compensation, learned, items, staleness } = record;
    const means = staleness.map(
      ({ histogram }) =>
        histogram.reduce((sum, count, late) => sum + count * late, 0) /
        Math.max(
          1,
          histogram.reduce((sum, count) => sum + count, 0),
        ),
    );
    const entry = {
      key,
      oacc,
      tacc,
      learned: learned / items,
      budget: memory.budget,
      peak: memory.peak,
      progress: plan?.progress ?? null,
      rate: plan?.adaptationRate ?? null,
      partition: plan?.partition ?? null,
      workers: plan?.workers ?? null,
      compensation,
      staleness: means,
    };
    kept.set(key, entry);
    appendFileSync(journal, `${JSON.stringify(entry)}\n`);
  }
  process.stderr.write(`\r${++done} runs`);
  return kept.get(key);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 2 : 1);

/** One setting: one row per budget, means over seeds. */
async function curve(dataset, model, pressure) {
  const setting = ["--dataset", dataset, "--model", model, "--pressure", pressure];
  const ofBudget = (budget) =>
    Promise.all(
      seeds.map((seed) =>
        figures(setting, [
          ...["--memory-budget", String(budget), "--objective", options.objective],
          ...["--seed", seed],
        ]),
      ),
    );
  const ofSkip = () =>
    Promise.all(seeds.map((seed) => figures(setting, ["--method", "1-skip", "--seed", seed])));
  const [least, none, skipped] = await Promise.all([ofBudget("min"), ofBudget("none"), ofSkip()]);
  const [low, high] = [least[0].budget, none[0].peak];
  const count = Number(options.budgets);
  const between = Array.from({ length: count - 2 }, (_, index) =>
    Math.floor(low * (high / low) ** ((index + 1) / (count - 1))),
  );
  const rows = [least, ...(await Promise.all(between.map(ofBudget))), none].map((runs) => ({
    budget: runs[0].budget ?? runs[0].peak,
    peak: runs[0].peak,
    oacc: mean(runs.map(({ oacc }) => oacc)),
    progress: runs[0].progress,
    rate: runs[0].rate,
    compensation: runs[0].compensation,
    workers: runs[0].workers.length,
    stages: runs[0].partition.length,
    learned: mean(runs.map(({ learned }) => learned)),
    late: Math.max(...runs[0].staleness),
  }));
  return { dataset, model, pressure, skip: mean(skipped.map(({ oacc }) => oacc)), rows };
}

/** What the promise says of a curve. */
function judge({ skip, rows }) {
  const accuracies = rows.map(({ oacc }) => oacc);
  let most = accuracies[0];
  let drop = 0;
  for (const accuracy of accuracies) {
    drop = Math.max(drop, most - accuracy);
    most = Math.max(most, accuracy);
  }
  const floor = Math.max(skip, accuracies[0]);
  const last = rows.at(-1);
  const goal = skip + 0.9 * (last.oacc - skip);
  const reached = rows.find(({ oacc }) => oacc >= goal);
  return {
    drop,
    below: Math.max(0, ...accuracies.map((accuracy) => floor - accuracy)),
    memory: reached ? reached.peak / last.peak : null,
    progress: spearman(
      accuracies,
      rows.map((row) => row.progress ?? row.rate),
    ),
    rate: spearman(
      accuracies,
      rows.map((row) => row.rate),
    ),
  };
}

const curves = [];
for (const model of listed(options.models))
  for (const dataset of listed(options.datasets))
    for (const pressure of listed(options.pressures))
      try {
        curves.push(await curve(dataset, model, pressure));
        writeFileSync(join(options.out, "curves.json"), JSON.stringify(curves, null, 1));
      } catch (error) {
        process.stderr.write(
          `\r${dataset}, ${model}: ${String(error.stderr || error.stack).trim()}\n`,
        );
      }
process.stderr.write("\n");
if (curves.length > 0) writeFileSync(join(options.out, "curves.svg"), drawBudgets(curves));
for (const each of curves) {
  const { dataset, model, pressure, skip, rows } = each;
  console.log(`${dataset}, ${model}, pressure ${pressure}; 1-Skip ${skip.toFixed(1)}`);
  for (const row of rows)
    console.log(
      `  ${mebibytes(row.budget).padStart(8)} MiB  ${row.oacc.toFixed(1).padStart(5)} %  ` +
        `${row.stages} stages ${String(row.workers).padStart(2)} workers ${row.compensation.padEnd(14)} ` +
        `learned ${(100 * row.learned).toFixed(0).padStart(3)} %  late ${row.late.toFixed(1)}`,
    );
  const { drop, below, memory, progress, rate } = judge(each);
  console.log(
    `  largest drop ${drop.toFixed(1)}, below the least or 1-Skip by ${below.toFixed(1)}, 90 % of the ` +
      `gain with ${memory === null ? "-" : memory.toFixed(2)} of the memory, rank correlation ` +
      `${progress.toFixed(2)} (R ${rate.toFixed(2)})`,
  );
}
