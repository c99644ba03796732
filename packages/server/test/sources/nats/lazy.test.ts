import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("loads the client of NATS when a server is asked for, and not before", async () => {
  const program = `
    import { createRequire } from "node:module";
    const { connectNats } = await import("@ferret-ocl/server");
    const { cache } = createRequire(import.meta.url);
    const isLoaded = () => Object.keys(cache).some((path) => path.includes("@nats-io"));
    const before = isLoaded();
    await connectNats("nats://127.0.0.1:1").catch(() => {});
    console.log(before, isLoaded());
  `;
  const words = ["--input-type=module", "-e", program];
  // The package as others have it: built.
  const cwd = new URL("../../..", import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd });
  expect(stdout.trim()).toBe("false true");
});
