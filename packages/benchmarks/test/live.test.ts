import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { cli, ferret } from "./command.js";

it("shows a run on a page while it goes on, and changes nothing of it", async () => {
  const line = "run --model mlp --items 400 --memory-budget 6MiB --json".split(" ");
  const child = spawn(process.execPath, [cli, ...line, "--live"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => {
      text[name] += chunk.toString();
    });
  const code = new Promise((resolve) => child.on("close", resolve));
  await expect.poll(() => text.stderr, { timeout: 30_000 }).toContain("shown at");
  const [address] = /http:\S+/.exec(text.stderr) as RegExpExecArray;
  const [page, events] = await Promise.all([fetch(address), fetch(new URL("events", address))]);
  expect(await page.text()).toContain("page.js");
  const told = (await events.text()).split("\n\n").filter((event) => event !== "");
  expect(told.pop()).toMatch(/^event: over/);
  expect(told[0]).toMatch(/^event: past/);
  const seen = told.slice(1).map((event) => JSON.parse(event.replace("event: now\ndata: ", "")));
  expect(await code).toBe(0);
  const record = JSON.parse(text.stdout);
  const last = seen.at(-1);
  expect(last.items).toBe(record.items);
  expect(last.dropped).toBe(record.dropped);
  expect(100 * last.score.all).toBeCloseTo(record.oacc, 9);
  expect(last.memory.budget).toBe(6 * 2 ** 20);
  const planned = last.memory.categories.map(({ planned }: { planned: number }) => planned);
  expect(planned.reduce((sum: number, bytes: number) => sum + bytes)).toBe(record.memory.planned);
  const plain = JSON.parse((await ferret(line)).stdout);
  expect(record.oacc).toBe(plain.oacc);
  expect(record.stages).toEqual(plain.stages);
  expect(record.tacc).toBe(plain.tacc);
});

it("is refused for a method that has no plan, and for a port that is none", async () => {
  const { code, stderr } = await ferret(["run", "--method", "oracle", "--live"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--live");
  const other = await ferret(["run", "--live", "99999", "--items", "2", "--model", "mlp"]);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("65535");
});
