// A learner that follows a stream: starts nats-server and a service, streams handwritten digits into
// NATS JetStream, half of them with labels, half with labels that come a second later, and tells what it
// sees. Ends by itself, and ends what it has started.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  connectNats,
  followSetting,
  publishItems,
  readFollowOptions,
  Service,
  serve,
  shutDown,
} from "@ferret-ocl/server";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { glyphs } from "../packages/benchmarks/dist/glyphs.js";
import { expectNatsServer, readOptions } from "./shared/command.mjs";
import { startNatsServer } from "./shared/nats-server.mjs";

const help = `A learner that follows a stream of NATS JetStream, for a minute.

  npm run demo:serve -- [options]

  --seconds <n>    default 60
  --rate <n>       digits a second, default 100
  --budget <size>  memory budget, default 40MiB
  --seed <n>       of digits and weights, default 1
`;

const options = readOptions(help, {
  seconds: "60",
  rate: "100",
  budget: "40MiB",
  seed: "1",
});
expectNatsServer();
const seconds = Number(options.seconds);
const rate = Number(options.rate);
const seed = Number(options.seed);
/** Seconds between two lines. */
const pause = 5;
/** Seconds that a late label takes. */
const delay = 1;
/** Predictions over which accuracy is told. */
const window = 500;

const folder = mkdtempSync(join(tmpdir(), "ferret-demo-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));
const broker = await startNatsServer(folder);
const connection = await connectNats(broker.url);
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: "GLYPHS", subjects: ["glyphs.>"] });
await manager.streams.add({ name: "PREDICTIONS", subjects: ["predictions.>"] });

const data = glyphs(seed).train;
const service = await Service.open({
  learner: {
    model: "mnistnet",
    inputShape: [28, 28, 1],
    classes: 10,
    batch: 8,
    learningRate: 0.02,
    memoryBudget: options.budget,
    whenBusy: "wait",
    seed,
  },
  state: join(folder, "state"),
});
const http = await serve(service, { port: 0 });
const setting = readFollowOptions({
  nats: broker.url,
  items: "glyphs.items",
  labels: "glyphs.labels",
  predictions: "predictions.glyphs",
  every: "2s",
});
const following = await followSetting(service, setting, (notice) => console.log(notice));
console.log(
  `${Math.round(rate)} digits a second into ${broker.url}, a learner behind them; every second digit has its label ` +
    `with it, of the others it comes ${delay} s later, as a message of its own`,
);
console.log(`watch it learn: ${http.url}`);

const began = performance.now();
const passed = () => (performance.now() - began) / 1000;
/** Labels by id, and whether predictions were right, as they came. */
const truths = new Map();
const outcomes = [];
let duplicates = 0;
const reading = readPredictions();
const failed = following.ended.then(() => new Promise(() => {}));
const writing = write();
for (let line = pause; line < seconds; line += pause) {
  await Promise.race([sleep(1000 * (line - passed())), failed]);
  tell();
}
await Promise.race([writing, failed]);
const { messages: published } = (await manager.streams.info("GLYPHS")).state;
while (following.counts.messages < published) await Promise.race([sleep(50), failed]);
following.stop();
const counts = await following.ended;
while (outcomes.length < truths.size) await sleep(20);
await summary();
await reading.stop();
await following.close();
await shutDown(http, service, 5_000);
await connection.close();
await broker.kill();
process.exit(0);

/** Publishes digits in their pace until the time is over. */
async function write() {
  const x = new Float32Array(28 * 28);
  const late = [];
  let count = 0;
  while (passed() < seconds || late.length > 0) {
    const due = passed() < seconds ? Math.floor(rate * passed()) : count;
    const items = [];
    for (; count < due; count++) {
      const index = count % data.count;
      data.read(index, x, 0);
      const [id, y] = [`glyph ${count}`, data.label(index)];
      truths.set(id, y);
      const isLate = count % 2 === 1;
      items.push({ x: x.slice(), id, ...(!isLate && { y }) });
      if (isLate) late.push({ id, y, at: passed() + delay });
    }
    await publishItems(connection, "glyphs.items", items);
    const labels = [];
    while (late.length > 0 && late[0].at < passed()) {
      const { id, y } = late.shift();
      labels.push({ id, y });
    }
    await publishItems(connection, "glyphs.labels", labels);
    await sleep(20);
  }
}

/** Scores what the service publishes, as anybody could who reads it. */
function readPredictions() {
  const opened = jetstream(connection)
    .consumers.get("PREDICTIONS")
    .then((consumer) => consumer.consume());
  void opened.then(async (messages) => {
    const seen = new Set();
    for await (const message of messages) {
      const { id, label } = message.json();
      if (seen.has(id)) duplicates++;
      else outcomes.push(truths.get(id) === label);
      seen.add(id);
    }
  });
  return { stop: async () => (await opened).close() };
}

function share(outcomes) {
  const right = outcomes.filter(Boolean).length;
  return `${((100 * right) / Math.max(1, outcomes.length)).toFixed(1)} %`;
}

function tell() {
  const { messages, labelled, checkpoints } = following.counts;
  const { sequence = 0 } = service.positionOf("GLYPHS") ?? {};
  console.log(
    `${Math.round(passed())} s: ${messages} messages (at ${sequence}), ${outcomes.length} predictions, ` +
      `${labelled} learned, right of the last ${window}: ${share(outcomes.slice(-window))}, ` +
      `${checkpoints} checkpoints`,
  );
}

async function summary() {
  const { state } = await manager.streams.info("PREDICTIONS");
  const { memory } = service.learner.metrics();
  const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
  console.log(
    [
      `seen in ${Math.round(passed())} s:`,
      `  ${published} messages of the stream, ${counts.messages} taken in, ${counts.bad} bad, ` +
        `${counts.unmatched} labels without their item`,
      `  ${truths.size} digits, ${counts.labelled} learned, ${counts.dropped} dropped; ` +
        `${state.messages} predictions in the stream, ${duplicates} of them second ones`,
      `  right: ${share(outcomes.slice(0, window))} of the first ${window}, ` +
        `${share(outcomes.slice(-window))} of the last`,
      `  ${mebibytes(memory.total + service.waiting.plannedBytes)} of ${mebibytes(service.memoryBudget)} MiB; ` +
        `${counts.checkpoints} checkpoints, the last one at message ` +
        `${service.positionOf("GLYPHS").sequence}`,
    ].join("\n"),
  );
}
