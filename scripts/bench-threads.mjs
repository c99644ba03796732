// The highest arrival rate that the learner on threads takes without dropping any item, on one
// thread and on two, alternating in one run; `npm run bench:threads -- --help`.
import { spawnSync } from "node:child_process";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Progress } from "./bench-peers/progress.mjs";
import { writeRows } from "./bench-peers/report.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const command = join(root, "packages", "benchmarks", "dist", "cli.js");
const resultPath = join(root, "results", "threads.json");

const help = `For each model and number of threads: how fast items are taken when each comes as soon as
there is room; then the shortest interval (in steps of a few percent) at which none is dropped; and,
at intervals around it, the share of dropped items that the plan expects, next to the actual one.
Prints tables and writes results/threads.json.

  npm run bench:threads -- [options]

  --models <a,b>    default mnistnet,convnet
  --threads <a,b>   default 1,2
  --items <n>       items of a run (default 300)
  --rounds <n>      how often everything is repeated; medians count (default 3)

Example: npm run bench:threads -- --models mlp --items 2000
`;

/** Intervals that are tried, as multiples of the mean interval of a run without a pace. */
const multiples = [1, 1.03, 1.06, 1.1, 1.15, 1.2, 1.3, 1.5, 2, 3];

/** Intervals at which drop rates are compared, likewise. */
const comparedMultiples = [2, 1.3, 1, 0.7, 0.5];

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "mnistnet,convnet" },
    threads: { type: "string", default: "1,2" },
    items: { type: "string", default: "300" },
    rounds: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(help);
else bench();

function bench() {
  const models = values.models.split(",");
  const threads = values.threads.split(",").map(Number);
  const rounds = Number(values.rounds);
  const measured = new Map();
  const progress = new Progress(rounds * models.length * threads.length);
  for (let round = 0; round < rounds; round++)
    for (const model of models)
      for (const count of threads) {
        const key = `${model}/${count}`;
        progress.advance(`${model}, ${count} threads`, round + count === 1 ? 0 : 1);
        measured.set(key, [...(measured.get(key) ?? []), measure(model, count)]);
      }
  progress.clear();
  const rows = models.flatMap((model) => {
    const base = median(measured.get(`${model}/${threads[0]}`), "interval");
    return threads.map((count) => {
      const runs = measured.get(`${model}/${count}`);
      const interval = median(runs, "interval");
      return {
        model,
        threads: count,
        itemsPerSecond: 1000 / interval,
        unpacedItemsPerSecond: 1000 / median(runs, "unpaced"),
        speedup: base / interval,
        mathUs: median(runs, "mathTime"),
        schedulingUs: median(runs, "schedulingTime"),
        drops: compareDrops(model, count, median(runs, "unpaced")),
      };
    });
  });
  print(rows.map(({ drops: _, ...row }) => row));
  print(
    rows.flatMap(({ model, threads: count, drops }) =>
      drops.map((drop) => ({ model, threads: count, ...drop })),
    ),
  );
  writeRows(resultPath, rows);
  console.log(`Written to ${relative(process.cwd(), resultPath)}`);
}

/** Dropped items in percent, as planned and as they came, at intervals around the quickest. */
function compareDrops(model, threads, unpaced) {
  return comparedMultiples.map((multiple) => {
    const paced = run(model, threads, `${(unpaced * multiple).toFixed(6)}ms`);
    return {
      interval: paced.arrivalInterval,
      planned: 100 * paced.plan.prediction.dropRate,
      measured: (100 * paced.dropped) / paced.items,
      mostLateMs: paced.threads.mostLate,
    };
  });
}

function print(rows) {
  const rounded = ([name, value]) => [
    name,
    typeof value === "number" ? Number(value.toPrecision(4)) : value,
  ];
  console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(rounded))));
}

function measure(model, threads) {
  const free = run(model, threads, "max");
  for (const multiple of multiples) {
    const paced = run(model, threads, `${(free.arrivalInterval * multiple).toFixed(6)}ms`);
    if (paced.dropped > 0) continue;
    const { mathTime, schedulingTime } = paced.threads;
    const interval = paced.arrivalInterval;
    return { interval, unpaced: free.arrivalInterval, mathTime, schedulingTime };
  }
  throw new Error(
    `Expected ${model} on ${threads} threads to take items every ${3 * free.arrivalInterval} ms ` +
      "without dropping any but it did not; let nothing else run on this machine",
  );
}

function run(model, threads, arrival) {
  const words = ["run", "--engine", "threads", "--json", "--compensation", "none"];
  const setting = { model, threads, arrival, items: values.items };
  for (const [name, value] of Object.entries(setting)) words.push(`--${name}`, String(value));
  const result = spawnSync(process.execPath, [command, ...words], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(`ferret ${words.join(" ")}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

function median(runs, key) {
  const sorted = runs.map((run) => run[key]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
