// A service for an hour: a stream that drifts is predicted and learned over HTTP, the plan is changed again
// and again, and in the first half the process is killed now and then and started again. Nothing may be
// answered with an error, memory has to stay where it is, and what the live page is told in the end has to be
// what the metrics say.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomFrom } from "./shared/random.mjs";

const help = `A service for an hour: a stream that drifts, kills, and changes of plan.

  npm run soak:serve -- [options]

  --minutes <n>   default 60
  --rate <n>      samples a second, default 100
  --seed <n>      of the stream, kills and changes, default 1
`;

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    rate: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(help);
  process.exit(0);
}
const length = 60_000 * Number(options.minutes);
const rate = Number(options.rate);
const random = randomFrom(Number(options.seed));
/** Samples of a request. */
const together = 4;
/** Values of a sample, and classes. */
const [width, classes] = [16, 4];
/** Milliseconds between changes of plan, and between kills, on the mean. */
const [changes, kills] = [20_000, 45_000];
const budgets = ["3MiB", "5MiB", "8MiB", "none"];

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const cli = fileURLToPath(new URL("../packages/benchmarks/dist/cli.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ferret-soak-"));
const troubles = [];
let server = null;
let isKilled = false;
process.on("exit", () => {
  server?.child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

const began = Date.now();
const elapsed = () => Date.now() - began;
const counts = { sent: 0, right: 0, requests: 0, kills: 0, changes: 0, refused: 0, cut: 0 };
/** Of the present process: [seconds since its start, resident bytes]. */
let resident = [];
let learnedBefore = 0;

server = await start();
await Promise.all([stream(), plan(), kill(), watch()]);
await report();
process.exitCode = troubles.length > 0 ? 1 : 0;
server.child.kill("SIGTERM");
await new Promise((resolve) => server.child.once("exit", resolve));

/** Starts the service on its state. */
async function start() {
  const words = `serve --model mlp --input-shape ${width} --classes ${classes} --memory-budget 8MiB --batch 4
    --arrival 2ms --port 0 --json --every 2s --window 1000`;
  const child = spawn(
    process.execPath,
    [cli, ...words.split(/\s+/), "--state", join(folder, "state")],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const line = await new Promise((resolve, reject) => {
    child.stdout.once("data", (chunk) => resolve(String(chunk)));
    child.once("exit", (code) => reject(new Error(`the service ended with ${code}: ${errors}`)));
  });
  child.removeAllListeners("exit");
  const { url } = JSON.parse(line);
  resident = [];
  return { child, url, startedAt: Date.now(), errors: () => errors };
}

async function post(path, body) {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** A value of a metric. */
async function metric(name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
}

/** Classes are directions that turn once in ten minutes. */
function draw() {
  const y = Math.floor(random() * classes);
  const angle = (2 * Math.PI * elapsed()) / 600_000;
  const x = Array.from({ length: width }, (_, at) => {
    const noise = random() + random() + random() - 1.5;
    return Math.cos(angle + (2 * Math.PI * (at * (y + 1))) / width) + noise;
  });
  return { x, y };
}

async function stream() {
  while (elapsed() < length) {
    const due = (counts.requests + 1) * ((1000 * together) / rate);
    if (due > elapsed()) await sleep(due - elapsed());
    counts.requests += 1;
    const samples = Array.from({ length: together }, draw);
    try {
      const predicted = await post(
        "/predict",
        samples.map(({ x }) => ({ x })),
      );
      expectStatus("/predict", predicted, [200]);
      const labelled = await post(
        "/label",
        predicted.body.map(({ id }, at) => ({ id, label: samples[at].y })),
      );
      // The process that has predicted may have been killed between the two.
      expectStatus("/label", labelled, isKilled ? [200, 404] : [200]);
      counts.sent += together;
      counts.right += predicted.body.filter(({ label }, at) => label === samples[at].y).length;
    } catch (error) {
      counts.cut += 1;
      if (!isKilled) troubles.push(`a request failed: ${error.cause ?? error}`);
      await sleep(50);
    }
  }
}

function expectStatus(path, { status, body }, statuses) {
  if (statuses.includes(status)) return;
  troubles.push(`${path} answered ${status}: ${JSON.stringify(body).slice(0, 200)}`);
  throw new Error("not answered");
}

async function plan() {
  while (elapsed() < length - changes) {
    await sleep(changes * (0.5 + random()));
    const memoryBudget = budgets[Math.floor(random() * budgets.length)];
    const arrivalInterval = `${1 + Math.floor(random() * 8)}ms`;
    try {
      const { status, body } = await post("/plan", { memoryBudget, arrivalInterval });
      counts.changes += 1;
      if (status === 400) counts.refused += 1;
      else if (status !== 200) troubles.push(`/plan answered ${status}: ${JSON.stringify(body)}`);
    } catch (error) {
      if (!isKilled) troubles.push(`/plan failed: ${error.cause ?? error}`);
    }
  }
}

/** In the first half. */
async function kill() {
  for (;;) {
    await sleep(kills * (0.5 + random()));
    if (elapsed() > length / 2) return;
    isKilled = true;
    const { child, errors } = server;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    if (/\n\s+at /.test(errors())) troubles.push(`the service wrote: ${errors().slice(0, 400)}`);
    counts.kills += 1;
    server = await start();
    // What was under way with the one before has failed by now.
    await sleep(2000);
    isKilled = false;
  }
}

async function watch() {
  while (elapsed() < length) {
    await sleep(5000);
    try {
      resident.push([
        (Date.now() - server.startedAt) / 1000,
        await metric("ferret_process_resident_bytes"),
      ]);
      learnedBefore = await metric("ferret_items_total");
      const seconds = Math.round(elapsed() / 1000);
      const share = ((100 * counts.right) / Math.max(1, counts.sent)).toFixed(1);
      console.log(
        `${seconds} s  ${counts.sent} samples, ${share} % right, ${learnedBefore} items learned, ` +
          `${mebibytes(resident.at(-1)[1])} resident, ${counts.kills} kills, ${counts.changes} plans`,
      );
    } catch (error) {
      if (!isKilled) troubles.push(`/metrics failed: ${error.cause ?? error}`);
    }
  }
}

async function report() {
  const events = await fetch(`${server.url}/events`);
  const reader = events.body.getReader();
  let text = "";
  while (!/event: now\ndata: .*\n\n/.test(text))
    text += Buffer.from((await reader.read()).value).toString();
  await reader.cancel();
  const shown = JSON.parse(/event: now\ndata: (.*)\n\n/.exec(text)[1]);
  const items = await metric("ferret_items_total");
  if (shown.items !== items) troubles.push(`the page shows ${shown.items} items, metrics ${items}`);
  // The last process, once it was warm.
  const warm = resident.filter(([age]) => age > 60).map(([, bytes]) => bytes);
  const third = Math.floor(warm.length / 3);
  const growth = third > 0 ? mean(warm.slice(-third)) - mean(warm.slice(0, third)) : Number.NaN;
  if (growth > 32 * 2 ** 20) troubles.push(`memory grew by ${mebibytes(growth)}`);
  console.log(
    `${counts.requests} requests, ${counts.cut} of them cut off by ${counts.kills} kills; ${counts.changes} changes of ` +
      `plan, ${counts.refused} of them refused; ${((100 * counts.right) / counts.sent).toFixed(1)} % right; the last ` +
      `process grew by ${mebibytes(growth)} from its first third to its last; the page shows ${shown.items} items`,
  );
  for (const trouble of troubles.slice(0, 20)) console.log(trouble);
  console.log(troubles.length === 0 ? "no error" : `${troubles.length} troubles`);
}
