import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { loadKernels } from "../src/index.js";

const script = fileURLToPath(new URL("steady-memory.mjs", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../dist/index.js", import.meta.url)));

it.skipIf(!built || !loadKernels().programs)(
  "10,000 steps leave heap and resident memory where they were",
  () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", script], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const { heapBytes, rssBytes } = JSON.parse(stdout);
    // 50,000 calls: a 64-byte object lost in each would be 3.2 MB of heap or of resident memory.
    // V8 touches half a megabyte of its own, however many steps there are.
    expect(heapBytes).toBeLessThan(100_000);
    expect(rssBytes).toBeLessThan(2_000_000);
  },
  60_000,
);
