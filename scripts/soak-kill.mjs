// Ends `ferret run --checkpoint` with SIGKILL at random moments, on both engines and with all five
// algorithms, and goes on with `--resume`: no file may be there half written, and every run that goes
// on must be right. On the virtual clock its record is that of a run that nobody has ended, to the last
// bit; on threads its counts go on.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { readCheckpoint } from "@ferret-ocl/pipeline/engine";
import { namesIn, outcomeOf, readOptions, timeOf } from "./shared/command.mjs";
import { randomFrom } from "./shared/random.mjs";

const help = `SIGKILLs of ferret run --checkpoint at random moments, each followed by --resume.

  npm run soak:kill -- [options]

  --kills <n>      default 200
  --seed <n>       of cases and delays, default 1
  --minutes <n>    after which no other run begins, default 60
  --engines <a,b>  default virtual,threads
`;

const options = readOptions(help, {
  kills: "200",
  seed: "1",
  minutes: "60",
  engines: "virtual,threads",
});
const kills = Number(options.kills);
const end = Date.now() + 60_000 * Number(options.minutes);
const engines = options.engines.split(",");
/** Items of a stream, and between two checkpoints: so few that most kills meet a file being written. */
const items = 150;
const every = 4;
/** The most kills of one run before it may come to its end. */
const mostKills = 5;
/** Milliseconds after which a kill comes at the latest. */
const patience = 20_000;

const cli = join(
  fileURLToPath(new URL(".", import.meta.url)),
  "..",
  "packages",
  "benchmarks",
  "dist",
  "cli.js",
);
const folder = mkdtempSync(join(tmpdir(), "ferret-soak-"));
const modelFile = join(folder, "small.json");
const random = randomFrom(Number(options.seed));
const pick = (list) => list[Math.floor(random() * list.length)];
const troubles = [];
const seen = { runs: 0, kills: 0, unfinished: 0, whole: 0, early: 0 };
/** By case: the record of a run that nobody ends. */
const references = new Map();

try {
  const dense = (units, activation) => ({ class_name: "Dense", config: { units, activation } });
  const flatten = { class_name: "Flatten", config: { batch_input_shape: [null, 28, 28, 1] } };
  const layers = [flatten, dense(16, "relu"), dense(16, "relu"), dense(10, "linear")];
  writeFileSync(
    modelFile,
    JSON.stringify({ class_name: "Sequential", config: { name: "small", layers } }),
  );
  while (seen.kills < kills && Date.now() < end) await oneRun(seen.runs++);
  const { runs, unfinished, whole, early } = seen;
  console.log(
    `${seen.kills} kills of ${runs} runs (seed ${options.seed}): ${early} before the first checkpoint, ` +
      `${unfinished} left an unfinished file beside, ${whole} checkpoints read, all whole: ` +
      `${troubles.length === 0 ? "nothing half-written, every resume right" : `${troubles.length} FAILED`}`,
  );
  for (const trouble of troubles) console.log(trouble);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = troubles.length > 0 ? 1 : 0;

/** One run, ended several times, then brought to its end. */
async function oneRun(index) {
  const engine = engines[index % engines.length];
  const algorithm = algorithmNames[Math.floor(index / engines.length) % algorithmNames.length];
  const optimizer = pick(["sgd", "momentum", "adam"]);
  const compensation = pick(["auto", "iter-fisher", "secant"]);
  const words = [
    ...["run", "--model", modelFile, "--batch", "4", "--items", `${items}`, "--json"],
    ...["--algorithm", algorithm, "--optimizer", optimizer, "--compensation", compensation],
    ...["--lr", "0.01", "--engine", engine, "--memory-budget", pick(["none", "min"])],
    ...(engine === "threads" ? ["--threads", "2", "--timing", "model", "--arrival", "2ms"] : []),
  ];
  const name = `run ${index} (${words.slice(8).join(" ")})`;
  const place = join(folder, `${index}`);
  const saved = ["--checkpoint", place, "--every", `${every}items`];
  let last = 0;
  for (let left = 1 + Math.floor(random() * mostKills); left > 0 && seen.kills < kills; left--) {
    const ended = await kill([...words, ...saved, "--resume"], place);
    if (!ended) break;
    seen.kills++;
    last = inspect(place, last, name);
  }
  const { code, stdout, stderr } = await ferret([...words, ...saved, "--resume"]);
  if (code !== 0) return troubles.push(`${name} did not go on: ${stderr}`);
  const record = stable(JSON.parse(stdout));
  if (record.items !== items) troubles.push(`${name} ended with ${record.items} items`);
  if (record.learned + record.dropped !== items)
    troubles.push(`${name} lost items: ${record.learned} learned, ${record.dropped} dropped`);
  if (engine === "virtual" && !isDeepStrictEqual(record, await reference(words)))
    troubles.push(`${name} gave another record than a run that nobody ended`);
  rmSync(place, { recursive: true, force: true });
}

/** The record of the same run with the same checkpoints, from its beginning to its end. */
async function reference(words) {
  const key = words.join(" ");
  const known = references.get(key);
  if (known) return known;
  const place = mkdtempSync(join(folder, "reference-"));
  const { stdout, stderr, code } = await ferret([
    ...[...words, "--checkpoint", place, "--every", `${every}items`],
  ]);
  if (code !== 0) throw new Error(`${key}: ${stderr}`);
  const record = stable(JSON.parse(stdout));
  references.set(key, record);
  rmSync(place, { recursive: true });
  return record;
}

/** What is in a folder after a kill; gives the items of its last checkpoint. */
function inspect(place, before, name) {
  const names = namesIn(place);
  if (names.some((each) => each.endsWith(".tmp"))) seen.unfinished++;
  const numbers = names.flatMap((each) => /^checkpoint-(\d+)\.json$/.exec(each)?.[1] ?? []);
  if (numbers.length === 0) {
    seen.early++;
    if (before > 0) troubles.push(`${name} has lost its checkpoints`);
    return before;
  }
  try {
    const { number, content } = readCheckpoint(place, () => {});
    seen.whole++;
    // A file that has its name is whole: the last one that is there is the one that is read.
    if (number !== Math.max(...numbers.map(Number)))
      troubles.push(`${name} has a half-written checkpoint: ${names.join(", ")}`);
    const { items: taken } = content.run;
    if (taken < before) troubles.push(`${name} went back from item ${before} to ${taken}`);
    return taken;
  } catch (error) {
    troubles.push(`${name} cannot be opened: ${error.message}`);
    return before;
  }
}

/** Starts a run and ends it at a random moment; false where it came to its end before. */
async function kill(words, place) {
  const child = spawn(process.execPath, [cli, ...words], { stdio: "ignore" });
  const exit = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  let isOver = false;
  void exit.then(() => {
    isOver = true;
  });
  const began = Date.now();
  // One in six comes while it starts; the others when it has begun to save.
  const isEarly = random() < 1 / 6;
  const delay = random() * (isEarly ? 600 : 250);
  const newest = () => Math.max(0, ...namesIn(place).map((each) => timeOf(join(place, each))));
  const start = newest();
  while (!isEarly && !isOver && newest() <= start && Date.now() - began < patience) await sleep(3);
  await sleep(delay);
  child.kill("SIGKILL");
  return (await exit) === "SIGKILL";
}

function ferret(words) {
  return outcomeOf(spawn(process.execPath, [cli, ...words], { stdio: ["ignore", "pipe", "pipe"] }));
}

/** All of a record that follows from setting and seed. */
function stable({ throughput, wallTime, residentGrowth, environment, gitRevision, ...rest }) {
  return rest;
}

function sleep(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
