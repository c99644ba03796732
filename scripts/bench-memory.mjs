// What runs hold, compared with what was planned, with the growth of the whole process, and with
// the paper's Eq. 4, over models, algorithms, budgets and techniques; or compared with another
// build of this repository. It is not a check.
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const command = fileURLToPath(new URL("../packages/benchmarks/dist/cli.js", import.meta.url));

const help = `One process per run, so that the growth of the process is due to that run. Prints a table.

  npm run bench:memory -- [options]

  --models <a,b>      default mlp,mnistnet
  --algorithms <a,b>  default vanilla,er
  --batch <a,b>       samples of an item (default 16)
  --items <n>         items of a run (default 50)

  --against <dir>     instead: peak and accuracy without a limit compared with those of another
                      checkout that is already built, alternating; with
  --dataset <name>    default glyphs
  --seeds <a,b>       default 0,1,2
`;

const { values } = parseArgs({
  options: {
    models: { type: "string", default: "mlp,mnistnet" },
    algorithms: { type: "string", default: "vanilla,er" },
    batch: { type: "string", default: "16" },
    items: { type: "string", default: "50" },
    against: { type: "string" },
    dataset: { type: "string", default: "glyphs" },
    seeds: { type: "string", default: "0,1,2" },
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
function run(words, ferret = command) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ferret, "run", ...words], {
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

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** One row per model: bytes at the peak, accuracy, and the time of the whole command as a ratio. */
function compare(other) {
  const old = join(resolve(other), "packages/benchmarks/dist/cli.js");
  const heads = ["MiB, other", "MiB, this", "ratio", "%, other", "%, this", "time"];
  console.log("model".padEnd(12) + heads.map((head) => head.padStart(12)).join(""));
  for (const model of values.models.split(",")) {
    const pairs = values.seeds.split(",").map((seed) => {
      const words = ["--model", model, "--dataset", values.dataset, "--items", values.items];
      words.push("--seed", seed, "--memory-budget", "none", "--json");
      return [old, command].map((ferret) => {
        const start = performance.now();
        const { memory, oacc } = run(words, ferret);
        return { memory, oacc, time: performance.now() - start };
      });
    });
    const side = (index) => pairs.map((pair) => pair[index]);
    const [before, now] = [side(0), side(1)].map((runs) => ({
      peak: runs[0].memory.peak,
      oacc: mean(runs.map(({ oacc }) => oacc)),
    }));
    const time = median(pairs.map(([first, second]) => second.time / first.time));
    const cells = [
      ...[mebibytes(before.peak), mebibytes(now.peak), (now.peak / before.peak).toFixed(3)],
      ...[before.oacc.toFixed(2), now.oacc.toFixed(2), time.toFixed(2)],
    ];
    console.log(model.padEnd(12) + cells.map((cell) => cell.padStart(12)).join(""));
    const most = pairs[0][1].memory.byCategory;
    console.log(
      Object.entries(pairs[0][0].memory.byCategory)
        .filter(([category, bytes]) => bytes + most[category] >= 2 ** 16)
        .map(([name, bytes]) => `  ${name} ${mebibytes(bytes)} -> ${mebibytes(most[name])}`)
        .join("\n"),
    );
  }
}

if (values.help) process.stdout.write(help);
else if (values.against) compare(values.against);
else bench();
