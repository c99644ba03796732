import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = fileURLToPath(new URL("../native/device/cuda/launch.cu", import.meta.url));
const nvcc = process.env.CUDACXX ?? "nvcc";
const available = spawnSync(nvcc, ["--version"]).status === 0;
if (!available) console.warn("Code for the GPU is not tested: nvcc was not found");

/** The PTX of each kernel. */
function compile(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "ferret-ptx-"));
  try {
    const output = join(folder, "launch.ptx");
    const options = ["-std=c++17", "-O3", "-arch=compute_80", "-ptx", source, "-o", output];
    const { status, stderr } = spawnSync(nvcc, options, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    return readFileSync(output, "utf8").split(".entry").slice(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(!available)("code for the GPU", () => {
  it("reads and writes 16 bytes at a time, and keeps nothing outside of registers", () => {
    const entries = compile();
    const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
    expect(entries.length).toBe(14);
    for (const entry of entries) {
      const name = entry.slice(0, entry.indexOf("("));
      // Each access stands there twice: for four elements and for one at the ends.
      const [loads, packs] = [/ld\.global\.[fb]32/g, /ld\.global\.v4\.[fb]32/g];
      const [stores, packed] = [/st\.global\.[fb]32/g, /st\.global(\.wb)?\.v4\.[fb]32/g];
      expect(count(entry, packs), name).toBeGreaterThan(0);
      expect(count(entry, packs), name).toBe(count(entry, loads));
      expect(count(entry, packed), name).toBe(count(entry, stores));
      expect(count(entry, /\.local\b/g), name).toBe(0);
    }
  });
});
