import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { cli, complaints, ferret } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-serve-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const shape = ["--model", "mlp", "--input-shape", "4", "--threads", "1", "--timing", "model"];
const small = [...shape, "--classes", "3"];

/** `ferret serve`, once it listens. */
async function serve(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [cli, "serve", "--port", "0", "--json", ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  children.push(child);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (done) throw new Error(`Expected ferret serve to listen but it said: ${stderr}`);
  const told = JSON.parse(value) as Record<string, unknown> & { url: string };
  const ask = async (
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const post = body !== undefined && { method: "POST", body: JSON.stringify(body) };
    const type = body !== undefined && { "content-type": "application/json" };
    const response = await fetch(told.url + path, { ...post, headers: { ...type, ...headers } });
    const text = await response.text();
    return { status: response.status, text, json: path === "/metrics" ? null : JSON.parse(text) };
  };
  return { child, told, ask, stderr: () => stderr };
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  const ended = once(child, "exit");
  child.kill(signal);
  const [code] = await ended;
  return code;
}

it("serves, saves when it is asked to end, and goes on", async () => {
  const words = [...small, "--memory-budget", "8MiB", "--state", "state"];
  const first = await serve(words);
  expect(first.told).toMatchObject({ memoryBudget: 8 * 2 ** 20, state: "state", items: 0 });
  const { total } = first.told.memory as { total: number };
  expect(total).toBeLessThanOrEqual(8 * 2 ** 20);
  expect((await first.ask("/readyz")).status).toBe(200);
  const x = [1, 2, 3, 4];
  expect((await first.ask("/learn", { x, y: 2 })).json).toEqual({ learned: 1 });
  expect((await first.ask("/predict", { x, id: "late" })).status).toBe(200);
  expect(await end(first.child, "SIGTERM")).toBe(0);
  expect(readdirSync(join(folder, "state"))).toContain("checkpoint-1.json");

  // What is not said again is as it was.
  const second = await serve(["--state", "state"]);
  expect(second.told).toMatchObject({ memoryBudget: 8 * 2 ** 20, items: 1 });
  expect((await second.ask("/label", { id: "late", label: 0 })).json).toEqual({ learned: 1 });
  expect(await end(second.child, "SIGINT")).toBe(0);

  const refused = await ferret(["serve", "--state", "state", "--seed", "7"], { cwd: folder });
  expect(refused.code).toBe(2);
  expect(complaints(refused)).toEqual([
    expect.stringMatching(/Expected 0 for --seed, as the learner in state/),
  ]);
  const rate = await ferret(["serve", "--state", "state", "--lr", "0.3"], { cwd: folder });
  expect(complaints(rate)).toEqual([
    expect.stringMatching(/Expected 0\.05 for --lr, as the learner in state/),
  ]);
});

it("ends at once at a second signal", async () => {
  const { child, told, ask, stderr } = await serve([...small, "--drain-time", "60s"]);
  // A request that never comes whole keeps it for a while.
  const socket = connect(told.port as number, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("POST /learn HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n");
  socket.write("content-length: 100\r\n\r\n{");
  const isUnderWay = async () => !(await ask("/metrics")).text.includes("\nferret_queue_bytes 0\n");
  while (!(await isUnderWay())) await setTimeout(10);
  child.kill("SIGTERM");
  while (!stderr().includes("ending within 60 s")) await setTimeout(10);
  expect(child.exitCode).toBeNull();
  expect(await end(child, "SIGTERM")).toBe(143);
});

it("takes its token from the environment", async () => {
  const { ask, child } = await serve(small, { FERRET_TOKEN: "secret" });
  expect((await ask("/openapi.json")).status).toBe(401);
  const headers = { authorization: "Bearer secret" };
  expect((await ask("/openapi.json", undefined, headers)).status).toBe(200);
  expect(await end(child, "SIGTERM")).toBe(0);
});

it("serves values", async () => {
  const { ask, child } = await serve([...shape, "--outputs", "2"]);
  const { json } = await ask("/predict", { x: [1, 2, 3, 4], id: "a" });
  expect(json.values).toHaveLength(2);
  expect((await ask("/label", { id: "a", label: [1, 2] })).json).toEqual({ learned: 1 });
  expect(await end(child, "SIGTERM")).toBe(0);
});

describe("what is wrong", () => {
  it.each([
    [["--model", "mlp"], /shape of a sample, such as 54, for --input-shape/],
    [[...small, "--input-shape", "4,x"], /such as 28,28,1, for --input-shape/],
    [[...small, "--host", "0.0.0.0"], /Expected a token for a service that others/],
    [
      [...small, "--waiting-memory", "10B"],
      /which one sample takes, to \d+ for --waiting-memory but/,
    ],
    [
      [...small, "--queue-limit", "1kB"],
      /at least the body limit, \d+ bytes, for --queue-limit but/,
    ],
    [[...small, "--memory-budget", "10kB"], /above the \d+ bytes of samples that wait/],
    [[...small, "--state", "."], /a folder of checkpoints, or an empty one, for --state/],
    [[...small, "--engine", "virtual", "--threads", "2"], /--engine threads with --threads/],
  ])("is told in one line: %j", async (words, message) => {
    const outcome = await ferret(["serve", ...words], { cwd: folder });
    expect(outcome.code).toBe(2);
    expect(complaints(outcome)).toEqual([expect.stringMatching(message)]);
  });
});
