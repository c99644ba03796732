import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

// A short run of `npm run fuzz` without AddressSanitizer, in a process of its own: one that ends
// before its time is a test that fails.
const script = fileURLToPath(new URL("../scripts/fuzz/run.mjs", import.meta.url));
const addons = fileURLToPath(new URL("../build/Release", import.meta.url));
const isBuilt = existsSync(`${addons}/kernels_cpu.node`);
if (!isBuilt) console.warn(`The fuzzer does not run: ${addons} has no addon`);

describe.skipIf(!isBuilt)("the addons, whatever they are handed", () => {
  it.each([1, 2])("neither end the process nor write beside an array: seed %i", (seed) => {
    const options = ["--addons", addons, "--seed", `${seed}`, "--calls", "1500"];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, ...options], {
      encoding: "utf8",
    });
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
    expect(stdout).toContain(`Seed ${seed}: 1500 calls, none of which failed`);
    // Most that is right runs, and most that is wrong is refused.
    for (const [, returned, refused] of stdout.matchAll(/: (\d+) calls returned, (\d+) were/g)) {
      expect(Number(returned)).toBeGreaterThan(20);
      expect(Number(refused)).toBeGreaterThan(100);
    }
  });
});
