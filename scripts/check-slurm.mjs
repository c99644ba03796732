// Runs a small suite under a real Slurm (srun must work here, with four tasks) and compares it with one process: the
// same tables, also where a task was killed and the job is run again. Outside of the checks, as few machines have one.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../packages/benchmarks/dist/cli.js", import.meta.url));
const version = spawnSync("srun", ["--version"], { encoding: "utf8" });
if (version.status !== 0) {
  console.error(
    "Expected srun, of a Slurm that runs here, but found none; install slurm-wlm and configure it",
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "ferret-slurm-"));
const tasks = 4;
const words = "suite table1 table3 --quick --settings glyphs/MNISTNet --items 30 --seeds 2".split(
  " ",
);
const suite = (name) => [
  process.execPath,
  cli,
  ...words,
  "--processes",
  "1",
  "--out",
  join(folder, name),
];
const job = (name) => ["srun", "--ntasks", `${tasks}`, "--overcommit", ...suite(name)];

console.log(version.stdout.trim());
await finished("alone", suite("alone"));
await finished("tasks", job("tasks"));
compare("tasks");

const child = begin(job("killed"));
let victim = 0;
while (victim === 0) {
  await sleep(50);
  if (count("killed") >= 3) victim = claimant("killed");
}
process.kill(victim, "SIGKILL");
const { code } = await child;
console.log(`a task was killed: srun ended with ${code}, ${count("killed")} runs are there`);
if (code === 0) throw new Error("Expected srun to tell that a task was killed");
await finished("killed", job("killed"));
compare("killed");
console.log("the same tables as in one process, each time");

async function finished(name, command) {
  const { code, output } = await begin(command);
  const made = [...output.matchAll(/(\d+) made/g)].map(([, made]) => Number(made));
  console.log(`${name}: ${count(name)} runs, made by task: ${made.join(", ") || "none"}`);
  if (code !== 0) throw new Error(`Expected ${name} to end well but got ${code}:\n${output}`);
}

function begin([program, ...rest]) {
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output += text;
    });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

function count(name) {
  return entries(name, "runs").length;
}

/** The process that is at a run now. */
function claimant(name) {
  for (const file of entries(name, "claims"))
    try {
      return JSON.parse(readFileSync(join(folder, name, "claims", file), "utf8")).pid ?? 0;
    } catch {
      // Finished in the meantime.
    }
  return 0;
}

function entries(name, kind) {
  try {
    return readdirSync(join(folder, name, kind));
  } catch {
    return [];
  }
}

function compare(name) {
  const [one, other] = ["alone", name].map((each) =>
    readFileSync(join(folder, each, "tables.md"), "utf8"),
  );
  if (one !== other) throw new Error(`Expected the tables of ${name} to be those of one process`);
  const waiting = entries(name, "claims");
  if (waiting.length > 0) throw new Error(`Expected no claim to be left but found ${waiting}`);
}
