import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

// The kernels of the GPU on the processor: the same bodies, index logic and order of sums. The
// program holds them to their formulas in double precision.
const selftest = fileURLToPath(new URL("../build/Release/device_selftest", import.meta.url));
const built = existsSync(selftest);
if (!built) console.warn(`Device kernels are not tested: ${selftest} has not been built`);

function run(...options: string[]) {
  return spawnSync(selftest, options, { encoding: "utf8" });
}

describe.skipIf(!built)("device kernels on the processor", () => {
  // Device 0 has few blocks, device 1 many.
  it.each(["0", "1"])("equal their formulas at every length and alignment, device %s", (device) => {
    const seed = `${7 + +device}`;
    const options = ["--device", device, "--seed", seed, "--most", "20", "--rounds", "1"];
    const { status, stdout } = run(...options);
    expect(stdout).toContain("all kernels passed");
    expect(status).toBe(0);
  });

  it("are refused without a device of that number", () => {
    const { status, stdout } = run("--device", "2");
    expect(stdout).toContain("Expected a device but received: invalid device ordinal");
    expect(status).toBe(2);
  });
});
