// The calls of a run, in this process: scripts/fuzz.mjs starts it, and so do the tests.
//
//   node run.mjs --addons FOLDER --seed N --calls N [--from N] [--journal FILE]
//
// Every call may return or throw. It must not end the process, or write a byte outside an array of
// the call. With --journal FILE each call's text is written there before it is made, so that the
// one that ended the process is known.
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { callDevice } from "./device.mjs";
import { callProgram } from "./programs.mjs";
import { drawing } from "./random.mjs";
import { callVectorKernel } from "./vectors.mjs";

const { values } = parseArgs({
  options: {
    addons: { type: "string" },
    seed: { type: "string", default: "1" },
    calls: { type: "string", default: "1000" },
    from: { type: "string", default: "0" },
    journal: { type: "string" },
  },
});
const [seed, calls, from] = [values.seed, values.calls, values.from].map(Number);
const require = createRequire(import.meta.url);
const cpu = require(resolve(join(values.addons, "kernels_cpu.node")));
const host = require(resolve(join(values.addons, "kernels_host.node")));

const kinds = [
  ["vector kernels", (random) => callVectorKernel(cpu, random)],
  ...(cpu.StageProgram ? [["stage programs", (random) => callProgram(cpu, random)]] : []),
  ["a device", (random) => callDevice(host, random)],
];
const journal = values.journal === undefined ? null : openSync(values.journal, "w");
const counts = new Map(kinds.map(([name]) => [name, { returned: 0, refused: 0 }]));

for (let number = from; number < from + calls; number++) {
  const random = drawing(seed, number);
  const [name, draw] = kinds[number % kinds.length];
  const call = draw(random);
  if (journal !== null) {
    ftruncateSync(journal);
    writeSync(journal, `${number}: ${name}: ${call.text}\n`, 0);
  }
  const count = counts.get(name);
  try {
    call.run();
    count.returned++;
  } catch {
    count.refused++;
  }
  try {
    call.check();
  } catch (error) {
    console.log(`Call ${number} failed (${name}: ${call.text}): ${error.message}`);
    process.exit(1);
  }
}
if (journal !== null) closeSync(journal);
for (const [name, { returned, refused }] of counts)
  console.log(`${name}: ${returned} calls returned, ${refused} were refused`);
console.log(`Seed ${seed}: ${calls} calls, none of which failed`);
