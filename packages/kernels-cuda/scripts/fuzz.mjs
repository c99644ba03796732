// Calls the native addons with arguments that are right, nearly right and wrong, under
// AddressSanitizer, and says which call ended the process or wrote outside an array.
//
//   npm run fuzz -- [--seed N] [--calls N] [--from N]
//
// A call depends only on the seed and its number: `--from 123 --calls 1` repeats one of them.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const scripts = dirname(fileURLToPath(import.meta.url));
const addons = join(scripts, "..", "build", "Sanitized");
const journal = join(addons, "journal.txt");

const options = readOptions();
const node = (...call) => spawnSync(process.execPath, call, { stdio: "inherit" });
if (node(join(scripts, "build-native.mjs"), "--sanitize").status !== 0) process.exit(1);

console.log(`Seed ${options.seed}, ${options.calls} calls from ${options.from} on`);
const call = ["--addons", addons, "--journal", journal];
for (const [name, value] of Object.entries(options)) call.push(`--${name}`, `${value}`);
const { status, signal } = spawnSync(
  process.execPath,
  [join(scripts, "fuzz", "run.mjs"), ...call],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      LD_PRELOAD: sanitizerLibrary(),
      // Node keeps what it has until it ends; running out of memory is an error of the addon's.
      ASAN_OPTIONS: "detect_leaks=0:allocator_may_return_null=1",
    },
  },
);
if (status === 0) process.exit(0);
const last = existsSync(journal) ? readFileSync(journal, "utf8").trim() : "";
if (status !== 1 || !last)
  console.error(`The process ended with ${signal ?? status} in call ${last}`);
const number = Number.parseInt(last, 10);
console.error(`To repeat it: npm run fuzz -- --seed ${options.seed} --from ${number} --calls 1`);
process.exit(1);

function readOptions() {
  const wanted = { seed: "1", calls: "20000", from: "0" };
  const types = Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, { type: "string", default: value }]),
  );
  const { values } = parseArgs({ options: types });
  for (const [name, value] of Object.entries(values))
    if (!/^\d{1,9}$/.test(value)) {
      console.error(
        `Expected a whole number of at most nine digits for --${name} but received ${value}; give one, as in --${name} ${wanted[name]}`,
      );
      process.exit(2);
    }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
}

/** The library that must be there before all others. */
function sanitizerLibrary() {
  const { stdout } = spawnSync(process.env.CXX ?? "g++", ["-print-file-name=libasan.so"], {
    encoding: "utf8",
  });
  return stdout?.trim() ?? "";
}
