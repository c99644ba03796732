import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { missingServer } from "./sources/nats/nats-server.js";

const script = fileURLToPath(new URL("../../../scripts/soak-streams.mjs", import.meta.url));

// `npm run soak:streams` does the same a hundred times.
it.skipIf(missingServer)(
  missingServer ?? "five SIGKILLs at random moments: each message is learned and predicted once",
  async () => {
    const child = spawn(process.execPath, [script, "--kills", "5", "--seed", "3"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        told += chunk.toString();
      });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(told).toMatch(/^5 kills of .* each learned and predicted once\n$/);
    expect(code).toBe(0);
  },
  300_000,
);
