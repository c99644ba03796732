import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/soak-kill.mjs", import.meta.url));

// `npm run soak:kill` does the same 200 times.
it("ten SIGKILLs at random moments leave nothing half written, and every run goes on", async () => {
  const child = spawn(process.execPath, [script, "--kills", "10", "--seed", "3"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      told += chunk.toString();
    });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(told).toMatch(/^10 kills of .*nothing half-written, every resume right\n$/);
  expect(code).toBe(0);
}, 300_000);
