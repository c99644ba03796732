// Our algorithms beside those of Avalanche on equal streams, items and first weights;
// `npm run bench:avalanche -- --help`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { finalAccuracy, forgetting, shown } from "./bench-avalanche/measures.mjs";
import { firstWeights, openOurs, runOurs } from "./bench-avalanche/ours.mjs";
import { readMnist, splitStream } from "./bench-avalanche/stream.mjs";

const peerPath = fileURLToPath(new URL("./bench-avalanche/peer.py", import.meta.url));

const help = `Our algorithms beside those of Avalanche 0.6 on split MNIST: five tasks of two classes, items
of 16, a perceptron 784-256-256-10, plain descent, every item learned. Equal items and first weights;
what is drawn for replay is not the same.

  npm run bench:avalanche -- [options]

  --algorithms <a,b>  default vanilla,er,mir,lwf,mas
  --seeds <a,b>       default 0,1,2
  --lr <a,b>          learning rates (default 0.01)
  --items <n>         items of each task (default 750)
  --ours              ours alone

FERRET_DATA_DIR holds the folder mnist, FERRET_PYTHON is a Python with torch (default python3), and
FERRET_AVALANCHE the folder of a checkout of Avalanche (default: the package of that Python). Online
accuracy, final accuracy and forgetting over all classes, and forgetting where the task is known.
`;

/** What is compared; "before": as it was up to here. */
const variants = {
  vanilla: [["ours", {}]],
  er: [
    ["ours", {}],
    ["ours, sum", { replayLoss: "sum" }],
  ],
  mir: [
    ["before", { replayLoss: "mean" }],
    ["ours", {}],
  ],
  lwf: [
    ["before", { snapshotAt: "interval" }],
    ["ours", {}],
  ],
  mas: [
    ["before", { snapshotAt: "plateau" }],
    ["ours", {}],
  ],
};

const text = (value) => ({ type: "string", default: value });
const { values: options } = parseArgs({
  options: {
    algorithms: text("vanilla,er,mir,lwf,mas"),
    seeds: text("0,1,2"),
    lr: text("0.01"),
    items: text("750"),
    ours: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const python = process.env.FERRET_PYTHON ?? "python3";
const checkout = process.env.FERRET_AVALANCHE;
const data = readMnist(process.env.FERRET_DATA_DIR ?? "");

if (options.help) process.stdout.write(help);
else {
  const missing = whatIsMissing();
  if (missing === null) await compare();
  else {
    process.stderr.write(`${missing}\n`);
    process.exitCode = 1;
  }
}

/** One sentence; null where nothing is. */
function whatIsMissing() {
  const names = options.algorithms.split(",");
  const unknown = names.find((name) => !Object.hasOwn(variants, name));
  if (unknown !== undefined)
    return `Expected some of ${Object.keys(variants).join(", ")} for --algorithms but received "${unknown}"`;
  for (const name of ["seeds", "lr", "items"])
    if (!listed(name).every((value) => value >= 0 && (name === "lr" || Number.isInteger(value))))
      return `Expected numbers for --${name} but received "${options[name]}"`;
  if (data === null)
    return "Expected the four files of MNIST in mnist/ of FERRET_DATA_DIR but found none; see docs/data.md";
  if (options.ours) return null;
  const torch = spawnSync(python, ["-c", "import torch"], { encoding: "utf8" });
  if (torch.status !== 0)
    return `Expected a Python with torch but ${python} has none; name one in FERRET_PYTHON, or give --ours`;
  const probe = `import runpy, sys; runpy.run_path(${JSON.stringify(peerPath)})["find_plugins"](sys.argv[1])`;
  const found = spawnSync(python, ["-c", probe, checkout ?? ""], { encoding: "utf8" });
  if (found.status === 0) return null;
  const cause = found.stderr.trim().split("\n").at(-1);
  return (
    `Expected Avalanche in ${checkout ?? `the packages of ${python}`} but it cannot be imported ` +
    `(${cause}); name a checkout in FERRET_AVALANCHE, or give --ours`
  );
}

function listed(name) {
  return options[name].split(",").map(Number);
}

async function compare() {
  const machinery = await openOurs();
  const seeds = listed("seeds");
  const names = options.algorithms.split(",");
  const folder = mkdtempSync(join(tmpdir(), "ferret-avalanche-"));
  /** Runs, one a seed, by learning rate, algorithm and side. */
  const results = new Map();
  const keep = (key, run) => results.set(key, [...(results.get(key) ?? []), run]);
  try {
    for (const seed of seeds) {
      const stream = splitStream(data, seed, listed("items")[0]);
      const weights = firstWeights(machinery, seed);
      const cases = listed("lr").flatMap((learningRate) =>
        names.map((name) => ({ algorithm: name, learningRate })),
      );
      for (const { algorithm, learningRate } of cases)
        for (const [side, change] of variants[algorithm]) {
          const asked = { name: algorithm, options: change, learningRate };
          keep(`${learningRate} ${algorithm} ${side}`, runOurs(machinery, stream, weights, asked));
        }
      if (!options.ours)
        askPeer(folder, stream, weights, cases).forEach((run, place) => {
          const { algorithm, learningRate } = cases[place];
          keep(`${learningRate} ${algorithm} Avalanche`, run);
        });
      process.stderr.write(`seed ${seed} of ${seeds.join(", ")}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  print(results, names);
}

/** Avalanche's runs, in the order of the cases. */
function askPeer(folder, stream, weights, cases) {
  const { seed, tasks, itemsPerTask } = stream;
  const files = {
    "stream.json": JSON.stringify({ seed, tasks, itemsPerTask }),
    "x.u8": stream.x,
    "labels.i32": stream.labels,
    "test-x.u8": stream.test.x,
    "test-labels.i32": stream.test.labels,
    "weights.f32": weights,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const words = [peerPath, folder, ...(checkout === undefined ? [] : [checkout])];
  const { status, stdout } = spawnSync(python, words, {
    input: cases.map((one) => `${JSON.stringify(one)}\n`).join(""),
    encoding: "utf8",
    stdio: ["pipe", "pipe", "inherit"],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${python} ${peerPath} ended with ${status}; see above`);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function print(results, names) {
  console.log("| lr | algorithm | side | online | final | forgetting | forgetting, task known |");
  console.log("|---|---|---|---|---|---|---|");
  for (const rate of listed("lr"))
    for (const name of names)
      for (const side of [...variants[name].map(([each]) => each), "Avalanche"]) {
        const runs = results.get(`${rate} ${name} ${side}`);
        if (!runs) continue;
        const cells = [
          runs.map(({ online }) => online),
          runs.map(({ overall }) => finalAccuracy(overall)),
          runs.map(({ overall }) => forgetting(overall)),
          runs.map(({ within }) => forgetting(within)),
        ];
        console.log(`| ${[rate, name, side, ...cells.map(shown)].join(" | ")} |`);
      }
}
