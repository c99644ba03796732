// What runs hold, beside what was planned, what the whole process grew by, and what the paper's
// Eq. 4 counts, over models, algorithms, budgets and techniques. It is no check.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const command = fileURLToPath(new URL("../packages/benchmarks/dist/cli.js", import.meta.url));

const help = `One process a run, so that what the process grows by is that run's own. Prints a table.

  npm run bench:memory -- [options]

  --models <a,b>      default mlp,mnistnet
  --algorithms <a,b>  default vanilla,er
  --batch <a,b>       samples of an item (default 16)
  --items <n>         items of a run (default 50)
`;

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "mlp,mnistnet" },
    algorithms: { type: "string", default: "vanilla,er" },
    batch: { type: "string", default: "16" },
    items: { type: "string", default: "50" },
    help: { type: "boolean", default: false },
  },
});

/** The workers of a plan with one technique on; the plan's own are without any. */
const techniques = {
  T1: (workers) => workers.map((worker) => ({ ...worker, recompute: true })),
  T2: (workers) =>
    workers.map(({ accumulate, ...worker }) => ({
      ...worker,
      accumulate: accumulate.map((_, stage) => accumulate.length - stage),
    })),
  T3: (workers) =>
    workers.map(({ omit, ...worker }) => ({
      ...worker,
      omit: omit.map((_, stage) => omit.length - 1 - stage),
    })),
  T4: (workers) => workers.slice(0, Math.ceil(workers.length / 2)),
};

/** The record of a run; null where no plan fits the budget. */
function run(words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, "run", ...words], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (/Expected at least \d+ bytes/.test(stderr)) return null;
  if (status !== 0) throw new Error(`ferret run ${words.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

const mebibytes = (bytes) => (bytes === null ? "-" : (bytes / 2 ** 20).toFixed(2));

function show(model, algorithm, batch, name, record) {
  if (record === null) return;
  const { memory, residentGrowth, plan } = record;
  const cells = [
    `${model}, ${algorithm}, ${batch}`.padEnd(22),
    name.padEnd(8),
    String(plan.workerCount).padStart(8),
    ...[memory.planned, memory.peak, residentGrowth, memory.paper, memory.savedBySharing].map(
      (bytes) => mebibytes(bytes).padStart(10),
    ),
  ];
  const differing = Object.entries(memory.plannedByCategory)
    .filter(([category, bytes]) => bytes !== memory.byCategory[category])
    .map(([category]) => category);
  console.log(cells.join("") + (differing.length > 0 ? `  differs: ${differing}` : ""));
}

function bench() {
  const heads = ["planned", "measured", "process", "Eq. 4", "shared"];
  console.log(
    `${"MiB".padEnd(22)}${"plan".padEnd(8)}${"workers".padStart(8)}` +
      heads.map((head) => head.padStart(10)).join(""),
  );
  for (const model of values.models.split(","))
    for (const algorithm of values.algorithms.split(","))
      for (const batch of values.batch.split(",")) {
        const words = ["--model", model, "--algorithm", algorithm, "--batch", batch, "--json"];
        const at = (more) => run([...words, "--items", values.items, ...more]);
        const unlimited = at(["--memory-budget", "none"]);
        const { partition, workers } = unlimited.plan;
        show(model, algorithm, batch, "no limit", unlimited);
        show(model, algorithm, batch, "2bw", at(["--memory-budget", "2bw"]));
        show(model, algorithm, batch, "least", at(["--memory-budget", "min"]));
        for (const [name, force] of Object.entries(techniques)) {
          const given = [
            "--partition",
            partition.join(),
            "--workers",
            JSON.stringify(force(workers)),
          ];
          show(model, algorithm, batch, name, at(given));
        }
      }
}

if (values.help) process.stdout.write(help);
else bench();
