// Ends a service that follows a JetStream stream with SIGKILL at random moments and starts it again
// until the stream's end, and some of the time kills the nats-server under it. On the virtual clock its
// parameters, counts and predictions must be those of a run that nobody has ended, to the last bit; on
// threads nothing may be lost, and nothing learned twice.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { connectNats, publishItems } from "@ferret-ocl/server";
import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { expectNatsServer, namesIn, outcomeOf, readOptions, timeOf } from "./shared/command.mjs";
import { startNatsServer } from "./shared/nats-server.mjs";
import { randomFrom } from "./shared/random.mjs";

const help = `SIGKILLs of a service that follows a stream of NATS JetStream, each followed by a start.

  npm run soak:streams -- [options]

  --kills <n>      default 100
  --seed <n>       of cases and delays, default 1
  --minutes <n>    after which no other run begins, default 60
  --clocks <a,b>   default virtual,threads
`;

const options = readOptions(help, {
  kills: "100",
  seed: "1",
  minutes: "60",
  clocks: "virtual,threads",
});
expectNatsServer();
const kills = Number(options.kills);
const end = Date.now() + 60_000 * Number(options.minutes);
const clocks = options.clocks.split(",");
/** Items of a stream, and messages between two checkpoints: so few that most kills meet one. */
const items = 120;
const every = 5;
const batch = 4;
/** Numbers of a sample. */
const length = 24;
/** The most kills of one run before it may come to its end. */
const mostKills = 6;
/** Milliseconds after which a kill comes at the latest. */
const patience = 20_000;
/** Bytes of a message, so few that large items go in parts. */
const mostBytes = 1_200;

const follower = fileURLToPath(new URL("soak-streams/follower.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ferret-soak-"));
const random = randomFrom(Number(options.seed));
const pick = (list) => list[Math.floor(random() * list.length)];
const troubles = [];
const seen = { runs: 0, kills: 0, server: 0, early: 0, messages: 0, starts: 0 };
const server = await startNatsServer(folder);
const connection = await connectNats(server.url);
const manager = await jetstreamManager(connection);
process.once("SIGINT", () => process.exit(130));

try {
  while (seen.kills < kills && Date.now() < end) await oneRun(seen.runs++);
  const { runs, early, messages, starts } = seen;
  console.log(
    `${seen.kills} kills of ${runs} runs (seed ${options.seed}), ${seen.server} of them of the server, ` +
      `${early} before the first checkpoint; ${starts} starts, ${messages} messages: ` +
      `${troubles.length === 0 ? "each learned and predicted once" : `${troubles.length} FAILED`}`,
  );
  for (const trouble of troubles) console.log(trouble);
} finally {
  await connection.close();
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = troubles.length > 0 ? 1 : 0;

/** One stream, followed by processes that are ended, then brought to its end. */
async function oneRun(index) {
  const clock = clocks[index % clocks.length];
  const learner = {
    model: [
      { class_name: "Dense", config: { units: 16, activation: "relu" } },
      { class_name: "Dense", config: { units: 3 } },
    ],
    inputShape: [length],
    classes: 3,
    batch,
    algorithm: pick(["vanilla", "er", "mir"]),
    optimizer: pick(["sgd", "momentum", "adam"]),
    learningRate: 0.01,
    arrivalInterval: "1ms",
    timing: "model",
    ...(clock === "virtual"
      ? { clock: { kind: "virtual" } }
      : { clock: { kind: "threads", count: 2 }, whenBusy: "wait" }),
  };
  const stream = `run-${index}`;
  const name = `${stream} (${clock}, ${learner.algorithm}, ${learner.optimizer})`;
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
  await manager.streams.add({ name: `${stream}-predictions`, subjects: [`${stream}-predictions`] });
  const sent = await fill(stream);
  seen.messages += sent.messages;
  const setting = { url: server.url, stream, learner, every };
  const place = join(folder, stream);
  for (let left = 1 + Math.floor(random() * mostKills); left > 0 && seen.kills < kills; left--) {
    const ended = await kill({ ...setting, state: place });
    if (!ended) break;
    seen.kills++;
  }
  const { code, stdout, stderr } = await outcomeOf(start({ ...setting, state: place }));
  if (code !== 0) return troubles.push(`${name} did not go on: ${stderr}`);
  const found = JSON.parse(stdout);
  const predictions = await read(`${stream}-predictions`);
  check(`${name}: messages`, found.counts.messages, sent.messages);
  check(`${name}: bad messages`, found.counts.bad, sent.bad);
  check(`${name}: labelled samples`, found.counts.labelled, sent.samples);
  check(`${name}: arrivals at the learner`, found.items, sent.arrivals);
  check(`${name}: samples that wait for labels`, found.waiting, 0);
  check(`${name}: labels of no item`, found.counts.unmatched, 0);
  if (clock === "threads") check(`${name}: dropped`, found.dropped, 0);
  const predicted = predictions.map(({ sequence }) => sequence).sort((a, b) => a - b);
  check(`${name}: messages that were predicted`, predicted, sent.predicted);
  if (clock === "virtual") {
    // Without a kill, from another folder; the stream of predictions takes none a second time.
    await manager.streams.delete(`${stream}-predictions`);
    await manager.streams.add({
      name: `${stream}-predictions`,
      subjects: [`${stream}-predictions`],
    });
    const whole = await outcomeOf(start({ ...setting, state: `${place}-whole` }));
    if (whole.code !== 0) return troubles.push(`${name} failed without a kill: ${whole.stderr}`);
    check(`${name}: all of a run that nobody ended`, found, JSON.parse(whole.stdout));
    const bySequence = (some, other) => some.sequence - other.sequence;
    check(
      `${name}: its predictions`,
      predictions.sort(bySequence),
      (await read(`${stream}-predictions`)).sort(bySequence),
    );
  }
  rmSync(place, { recursive: true, force: true });
}

function check(what, found, expected) {
  if (isDeepStrictEqual(found, expected)) return;
  const shown = (value) => JSON.stringify(value).slice(0, 600);
  troubles.push(`${what}: expected ${shown(expected)} but found ${shown(found)}`);
}

/**
 * Items with labels, one or several samples; some in parts, which may lie among others; some alone, whose labels come some messages
 * later, by id or by the item's sequence; some are bad.
 */
async function fill(stream) {
  const sent = { messages: 0, bad: 0, samples: 0, arrivals: 0, predicted: [] };
  const client = jetstream(connection);
  let sequence = 0;
  const publish = async (subject, message) => {
    const published = await publishItems(connection, `${stream}.${subject}`, [message], {
      mostBytes,
    });
    sequence += published.messages;
    sent.messages++;
  };
  const learned = (count) => {
    sent.samples += count;
    sent.arrivals += Math.ceil(count / batch);
    sent.predicted.push(sequence);
  };
  /** By hand, as the README has it: parts of an item, with small items between. */
  const publishAmongOthers = async (item, name) => {
    const text = Buffer.from(JSON.stringify({ ...item, x: Array.from(item.x) }));
    const parts = 3;
    for (let part = 0; part < parts; part++) {
      const head = headers();
      head.set("Ferret-Batch", name);
      head.set("Ferret-Part", `${part}`);
      head.set("Ferret-Parts", `${parts}`);
      const [begin, end] = [part, part + 1].map((at) => Math.floor((text.length * at) / parts));
      await client.publish(`${stream}.items`, text.subarray(begin, end), { headers: head });
      sequence++;
      if (part === parts - 1) continue;
      for (let left = Math.floor(random() * 6); left > 0; left--) {
        await publish("items", samples(1));
        learned(1);
      }
    }
    sent.messages++;
  };
  /** Labels of items that are there, and how many messages later they come. */
  const late = [];
  const labels = async (isLast) => {
    for (const label of late.splice(0)) {
      if (label.wait-- > 0 && !isLast) late.push(label);
      else await publish("labels", { id: label.id, y: label.y });
    }
  };
  for (let k = 0; k < items; k++) {
    const kind = random();
    if (kind < 0.05) {
      await client.publish(`${stream}.items`, pick(["no JSON", '{"x": [1, 2], "y": 0}', "[]"]));
      sequence++;
      sent.messages++;
      sent.bad++;
      continue;
    }
    const count = kind < 0.15 ? 25 : 1 + Math.floor(random() * 3);
    const isAlone = random() < 0.3;
    const { x, y } = samples(count);
    const id = random() < 0.5 ? { id: `item ${k}` } : {};
    const item = { x, ...id, ...(!isAlone && { y }) };
    if (kind < 0.25) await publishAmongOthers(item, `parts ${k}`);
    else
      await publish("items", {
        ...item,
        x: random() < 0.5 ? x : Array.from(x),
        shape: [count, length],
      });
    if (isAlone) late.push({ id: id.id ?? `${sequence}`, y, wait: Math.floor(random() * 8) });
    learned(count);
    await labels(false);
  }
  await labels(true);
  return sent;
}

function samples(count) {
  const x = Float32Array.from({ length: length * count }, () => 2 * random() - 1);
  const y = Array.from({ length: count }, (_, at) =>
    x[length * at] > 0 ? 2 : x[length * at + 1] > 0 ? 1 : 0,
  );
  return { x, y };
}

async function read(stream) {
  const consumer = await jetstream(connection).consumers.get(stream, {
    deliver_policy: DeliverPolicy.All,
  });
  const { num_pending: count } = await consumer.info();
  const found = [];
  if (count === 0) return found;
  const messages = await consumer.consume();
  for await (const message of messages) {
    found.push(message.json());
    if (found.length === count) break;
  }
  await messages.close();
  return found;
}

/** Starts a follower and ends it at a random moment; false where it came to its end before. */
async function kill(setting) {
  const process_ = start(setting);
  const exit = outcomeOf(process_);
  let isOver = false;
  void exit.then(() => {
    isOver = true;
  });
  const began = Date.now();
  // One in six comes while it starts; the others when it has begun to save.
  const isEarly = random() < 1 / 6;
  const delay = random() * (isEarly ? 900 : 150);
  const isServer = random() < 1 / 8;
  const newest = () =>
    Math.max(0, ...namesIn(setting.state).map((each) => timeOf(join(setting.state, each))));
  const first = newest();
  while (!isEarly && !isOver && newest() <= first && Date.now() - began < patience) await sleep(3);
  await sleep(delay);
  if (isServer && !isOver) {
    await server.kill();
    await server.start();
    seen.server++;
    seen.kills++;
    await sleep(delay);
  }
  if (!namesIn(setting.state).some((each) => each.endsWith(".json")) && !isOver) seen.early++;
  process_.kill("SIGKILL");
  return (await exit).signal === "SIGKILL";
}

function start(setting) {
  seen.starts++;
  return spawn(process.execPath, [follower, JSON.stringify(setting)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}
