// Our service beside the same model in Python; `npm run bench:serve -- --help`.
import { spawn, spawnSync } from "node:child_process";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { help, OptionError, readOptions } from "./bench-serve/options.mjs";
import { models, startOurs, startTheirs } from "./bench-serve/servers.mjs";

const load = fileURLToPath(new URL("./bench-serve/load.mjs", import.meta.url));

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else await compare(options);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function compare(options) {
  const { python } = options;
  const probe = "import torch, fastapi, uvicorn, numpy; print(torch.__version__)";
  const found = options.ours ? null : spawnSync(python, ["-c", probe], { encoding: "utf8" });
  if (found && found.status !== 0)
    throw new OptionError(
      `Expected a Python with torch, fastapi, uvicorn and numpy but ${python} lacks some; name one with ` +
        "--python, or give --ours",
    );
  if (found)
    console.log(`PyTorch ${found.stdout.trim()}, ${options.model}, bodies ${options.body}\n`);
  const sides = options.ours ? { ours: startOurs } : { ours: startOurs, theirs: startTheirs };
  const rows = [];
  const latencies = [];
  for (const threads of options.threads)
    for (const batch of options.batches) {
      const found = {};
      for (let round = 0; round < options.rounds; round++)
        for (const [side, start] of Object.entries(sides)) {
          const server = await start({ ...options, batch, threads });
          try {
            const measured = await measure(server.url, options, batch);
            for (const [what, figures] of Object.entries(measured)) {
              found[what] ??= {};
              found[what][side] ??= [];
              found[what][side].push(figures);
            }
          } finally {
            await server.stop();
          }
          process.stderr.write(`${threads} threads, batch ${batch}, round ${round + 1}, ${side}\n`);
        }
      for (const what of ["predict", "learn"]) rows.push({ threads, batch, what, ...found[what] });
      latencies.push({ threads, batch, idle: found.idle, busy: found.busy });
    }
  printThroughput(rows);
  printLatency(latencies);
}

/** All that is measured of a service. */
async function measure(url, options, batch) {
  const { connections, seconds } = options;
  const requests = requestsOf(options, batch);
  const ask = (what, count, time = seconds) =>
    run({ url, ...requests[what], connections: count, seconds: time, warmup: seconds / 5 });
  const predict = await ask("predict", connections);
  const learn = await ask("learn", connections);
  const idle = await ask("predict", 1);
  // The learning goes on for longer than what is measured.
  const [busy] = await Promise.all([ask("predict", 1), ask("learn", 4, 1.2 * seconds)]);
  return { predict, learn, idle, busy };
}

/** Paths and bodies: the same samples on both sides. */
function requestsOf({ model, body }, batch) {
  const { values, classes } = models[model];
  const samples = Array.from({ length: batch }, (_, sample) =>
    Array.from({ length: values }, (_, at) =>
      Math.fround(Math.sin(12.9898 * sample + 78.233 * at)),
    ),
  );
  const labels = samples.map((_, sample) => sample % classes);
  if (body === "raw") {
    const raw = Buffer.from(Float32Array.from(samples.flat()).buffer).toString("base64");
    const type = "application/octet-stream";
    return {
      predict: { path: "/predict", type, body: raw },
      learn: { path: `/learn?y=${labels}`, type, body: raw },
    };
  }
  const of = (entries) => Buffer.from(JSON.stringify(entries)).toString("base64");
  const type = "application/json";
  return {
    predict: { path: "/predict", type, body: of(samples.map((x) => ({ x }))) },
    learn: { path: "/learn", type, body: of(samples.map((x, at) => ({ x, y: labels[at] }))) },
  };
}

async function run(order) {
  const child = spawn(process.execPath, [load], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(order));
  const figures = await json(child.stdout);
  if (figures.failed > 0) throw new Error(`${figures.failed} requests to ${order.path} failed`);
  return { rate: figures.requests / figures.seconds, p99: figures.p99 };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const of = (runs, key) => (runs ? median(runs.map((each) => each[key])) : Number.NaN);
const shown = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : "-");

function printThroughput(rows) {
  console.log("| threads | batch | | ours/s | Python/s | ratio | ours p99 | Python p99 | ratio |");
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const { threads, batch, what, ours, theirs } of rows) {
    const rates = [of(ours, "rate"), of(theirs, "rate")];
    const tails = [of(ours, "p99"), of(theirs, "p99")];
    const cells = [
      ...rates.map((rate) => shown(rate, 0)),
      shown(rates[0] / rates[1]),
      ...tails.map((tail) => shown(tail)),
      shown(tails[0] / tails[1]),
    ];
    console.log(`| ${[threads, batch, what, ...cells].join(" | ")} |`);
  }
}

function printLatency(rows) {
  console.log(
    "\n| threads | batch | p99 idle | while learning | ratio | Python idle | while learning | ratio |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const { threads, batch, idle, busy } of rows) {
    const cells = ["ours", "theirs"].flatMap((side) => {
      const pair = [of(idle[side], "p99"), of(busy[side], "p99")];
      return [...pair.map((tail) => shown(tail)), shown(pair[1] / pair[0])];
    });
    console.log(`| ${[threads, batch, ...cells].join(" | ")} |`);
  }
}
