import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { StateLock } from "../src/state-lock.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ferret-lock-"));
  folders.push(folder);
  return folder;
}

const fileOf = (folder: string) => join(folder, "service.lock");
const lockOf = (folder: string, host: string, pid: number) =>
  writeFileSync(fileOf(folder), JSON.stringify({ host, pid, mark: "theirs" }));

it("is refused while the process that has it lives, and taken over when that is dead", async () => {
  const folder = newFolder();
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  lockOf(folder, hostname(), child.pid as number);
  expect(() => StateLock.take(folder)).toThrow(`is used by process ${child.pid}; end that one`);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  StateLock.take(folder).release();
});

it.runIf(process.platform === "linux")(
  "is not held by a process that has ended unasked after",
  async () => {
    const folder = newFolder();
    // The parent sleeps in its own turn, and does not ask.
    const script = `
    const { spawn } = require("node:child_process");
    console.log(spawn("true").pid);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);`;
    const parent = spawn(process.execPath, ["-e", script]);
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (data) => resolve(Number(data))),
    );
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8")).toMatch(/\) Z /);
    lockOf(folder, hostname(), pid);
    StateLock.take(folder).release();
    parent.kill("SIGKILL");
  },
);

it("is another machine's as long as that shows life", () => {
  const folder = newFolder();
  lockOf(folder, "elsewhere", 1);
  expect(() => StateLock.take(folder)).toThrow("process 1 on elsewhere");
  const old = new Date(Date.now() - 60_000);
  utimesSync(fileOf(folder), old, old);
  StateLock.take(folder).release();
});

it("is released by who has it, and by nobody else", () => {
  const folder = newFolder();
  // In one process, as after a kill in a container, where numbers come again.
  const first = StateLock.take(folder);
  const second = StateLock.take(folder);
  const own = readFileSync(fileOf(folder), "utf8");
  first.release();
  expect(readFileSync(fileOf(folder), "utf8")).toBe(own);
  second.release();
  expect(() => readFileSync(fileOf(folder))).toThrow("ENOENT");
});

it("says where there can be no folder", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "file"), "");
  expect(() => StateLock.take(join(folder, "file"))).toThrow("Expected a folder for state");
});
