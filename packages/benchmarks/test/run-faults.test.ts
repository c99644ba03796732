import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadMachinery } from "../src/machinery.js";
import { type RunOptions, run } from "../src/run.js";
import { createStream } from "../src/streams/registry.js";
import { loadShort } from "./runs.js";
import { setting } from "./samples.js";

const machinery = await loadMachinery();

/** Threads that this process has started, each with how it ended; null: not yet. */
let ends: (number | null)[] = [];

function watch(worker: Worker): void {
  const place = ends.push(null) - 1;
  worker.once("exit", (code) => {
    ends[place] = code;
  });
}

beforeEach(() => {
  ends = [];
  process.on("worker", watch);
});
afterEach(() => {
  process.off("worker", watch);
});

async function attempt(change: Partial<RunOptions>, method: "ferret" | "dapple" = "ferret") {
  const own = setting({ engine: "threads", threads: 2, arrival: "max", method });
  const dataset = await loadShort(own.dataset, own);
  const stream = createStream(dataset, own);
  return run({ setting: own, dataset, stream, machinery, ...change });
}

const complain = () => {
  throw new Error("out of order");
};

/** A stream that cannot be read from its tenth item on. */
async function brokenStream() {
  const own = setting();
  const stream = createStream(await loadShort(own.dataset, own), own);
  const readItem: typeof stream.readItem = (item, ...rest) =>
    item === 10 ? complain() : stream.readItem(item, ...rest);
  return { ...stream, readItem };
}

it.each(["ferret", "dapple"] as const)("%s ends its threads with the run", async (method) => {
  expect((await attempt({}, method)).items).toBe(40);
  expect(ends).toEqual([0, 0]);
});

it.each([
  ["a stream that cannot be read", async () => ({ stream: await brokenStream() })],
  [
    "a callback that fails",
    () => ({ onItem: (done: number) => (done === 10 ? complain() : null) }),
  ],
  ["a model that cannot be written", () => ({ onTrained: complain })],
])("a run ends its threads, whatever ends it: %s", async (_, change) => {
  await expect(attempt((await change()) as Partial<RunOptions>)).rejects.toThrow("out of order");
  expect(ends).toHaveLength(2);
  expect(ends).not.toContain(null);
});

it("stops in the middle when it is asked to, and still gives its record", async () => {
  const stop = { requested: false };
  const { items } = await attempt({
    stop,
    onItem(done) {
      if (done === 10) stop.requested = true;
    },
  });
  expect([items, ends]).toEqual([10, [0, 0]]);
});
