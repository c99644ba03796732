import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../src/index.js";

const { programs } = loadKernels();
const script = fileURLToPath(new URL("./signals.mjs", import.meta.url));

/** Runs the script and sends it a signal every `interval` milliseconds, or none. */
function learn(interval: number | null): Promise<{ sum: number; handled: number }> {
  return new Promise((resolve, reject) => {
    const child = fork(script, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    let output = "";
    let timer: NodeJS.Timeout | undefined;
    child.stdout?.on("data", (text) => {
      output += text;
    });
    child.on("message", () => {
      if (interval !== null) timer = setInterval(() => child.kill("SIGWINCH"), interval);
    });
    child.on("close", (code, signal) => {
      clearInterval(timer);
      if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(`Expected a clean end but it ended with ${signal ?? code}`));
    });
  });
}

// Generated code that keeps live data below the stack pointer would not survive this.
describe.skipIf(!programs || process.platform === "win32")("stage programs", () => {
  it("give the same numbers while signals arrive", async () => {
    const quiet = await learn(null);
    const disturbed = await learn(2);
    expect(disturbed.handled).toBeGreaterThan(10);
    expect(disturbed.sum).toBe(quiet.sum);
  }, 60_000);
});
