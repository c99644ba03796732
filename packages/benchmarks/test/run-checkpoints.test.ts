import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { parseEvery } from "@ferret-ocl/pipeline/engine";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Dataset } from "../src/datasets/contract.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import type { ResultRecord } from "../src/record.js";
import { run } from "../src/run.js";
import type { CheckpointSetting } from "../src/run-checkpoints.js";
import type { RunSetting } from "../src/setting.js";
import { createStream } from "../src/streams/registry.js";
import { complaints, ferret } from "./command.js";
import { inputError } from "./datasets-encode.js";
import { loadShort, stable } from "./runs.js";
import { setting } from "./samples.js";

let machinery: Machinery;
let dataset: Dataset;
let folder: string;
let small: string;
const dense = (units: number, more = {}) => ({
  class_name: "Dense",
  config: { units, activation: "relu", ...more },
});
beforeAll(async () => {
  small = mkdtempSync(join(tmpdir(), "ferret-model-"));
  const flatten = { class_name: "Flatten", config: { batch_input_shape: [null, 28, 28, 1] } };
  const layers = [flatten, dense(12), dense(12), dense(10, { activation: "linear" })];
  const model = { class_name: "Sequential", config: { name: "small", layers } };
  writeFileSync(join(small, "small.json"), JSON.stringify(model));
  machinery = await loadMachinery();
  dataset = await loadShort("glyphs", setting({}));
});
afterAll(() => rmSync(small, { recursive: true }));
/** A short run of a small model. */
const asking = (change: Partial<RunSetting>) =>
  setting({ model: join(small, "small.json"), ...change });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-run-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One run; it ends after `end` items if that is given. */
async function runWith(
  asked: RunSetting,
  checkpoint: CheckpointSetting,
  end?: number,
): Promise<ResultRecord> {
  const stop = { requested: end === 0 };
  return run({
    setting: asked,
    dataset,
    stream: createStream(dataset, asked),
    machinery,
    checkpoint,
    stop,
    onItem(done) {
      if (done === end) stop.requested = true;
    },
  });
}

const drawn = fc.record({
  items: fc.constantFrom(24, 40),
  every: fc.integer({ min: 2, max: 20 }),
  /** Share of the stream after which the run ends. */
  end: fc.double({ min: 0, max: 1, noNaN: true }),
  compensation: fc.constantFrom("auto", "iter-fisher", "secant", "rank-one", "gap-aware"),
  optimizer: fc.constantFrom("sgd", "momentum", "adam"),
  memoryBudget: fc.constantFrom("none" as const, "min" as const),
  pressure: fc.constantFrom(2, 8),
  labelDelay: fc.constantFrom(0, 3),
  changes: fc.constantFrom(
    [],
    [{ at: 9, memoryBudget: "min" as const }],
    [
      { at: 5, computeUnits: 2 },
      { at: 17, computeUnits: 3 },
    ],
  ),
});

describe("a run that is saved on its way", () => {
  it.each(algorithmNames)(
    "gives the record of the uninterrupted one, wherever it ended, with %s",
    async (algorithm) => {
      let count = 0;
      await fc.assert(
        fc.asyncProperty(drawn, async ({ every, end: share, ...options }) => {
          const asked = asking({ ...options, algorithm, learningRate: 0.01 });
          const places = [`whole-${count}`, `parts-${count++}`].map((name) => join(folder, name));
          const [whole, parts] = places as [string, string];
          const expected = await runWith(asked, {
            folder: whole,
            every: { items: every },
            resume: false,
          });
          const end = Math.floor(share * options.items);
          const here = { folder: parts, every: { items: every } };
          await runWith(asked, { ...here, resume: false }, end);
          const again = await runWith(asked, { ...here, resume: true });
          expect(stable(again)).toEqual(stable(expected));
        }),
        { numRuns: 5, seed: 11, endOnFailure: true },
      );
    },
  );

  it("refuses by name what is not as it was", async () => {
    const asked = asking({ items: 20 });
    const here = { folder, every: { items: 5 } };
    await runWith(asked, { ...here, resume: false }, 12);
    await expect(runWith(asked, { ...here, resume: false })).rejects.toThrow(
      /without checkpoints for --checkpoint .* --resume/,
    );
    const others: readonly [Partial<RunSetting>, string][] = [
      [{ learningRate: 0.1 }, "--lr"],
      [{ seed: 9 }, "--seed"],
      [{ memoryBudget: "min" }, "--memory-budget"],
      [{ algorithm: "er" }, "--algorithm,"],
      [{ labelDelay: 2 }, "--label-delay"],
      [{ optimizer: "adam" }, "--optimizer"],
      [{ items: 30 }, "--items"],
      [{ pressure: 3 }, "--pressure"],
    ];
    for (const [other, option] of others)
      await expect(runWith({ ...asked, ...other }, { ...here, resume: true })).rejects.toThrow(
        new RegExp(`^Expected .* for ${option}`),
      );
  });

  it("begins where there is no checkpoint yet", async () => {
    const asked = asking({ items: 10 });
    const record = await runWith(asked, { folder, every: { items: 50 }, resume: true });
    expect(record.items).toBe(10);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("on threads goes on counting where it was", async () => {
    const asked = asking({ items: 40, engine: "threads", arrival: "max", threads: 2 });
    const here = { folder, every: { items: 10 } };
    await runWith(asked, { ...here, resume: false }, 33);
    const again = await runWith(asked, { ...here, resume: true });
    expect([again.items, again.learned, again.dropped]).toEqual([40, 40, 0]);
    expect(again.curve.items.at(-1)).toBe(40);
    expect(again.exposure?.seen).toBe(40 * asked.batch);
  });

  it("reads items and times, and refuses others", () => {
    expect(parseEvery("100items")).toEqual({ items: 100 });
    expect(parseEvery("1 item")).toEqual({ items: 1 });
    expect(parseEvery("30s")).toEqual({ milliseconds: 30_000 });
    for (const text of ["100", "0items", "items", "-5items", "0s", "ten items", ""])
      expect(inputError(() => parseEvery(text))).toMatch(/for --every but received/);
  });
});

describe("ferret run --checkpoint", () => {
  const words = ["run", "--items", "12", "--batch", "4", "--model", "mlp", "--json"];

  it("names options that do not go together", async () => {
    for (const [more, sentence] of [
      [["--resume"], "--checkpoint with --resume"],
      [["--every", "5items"], "--checkpoint with --every"],
      [["--checkpoint", folder, "--every", "5s"], "items such as 100items for --every"],
      [["--checkpoint", folder, "--method", "oracle"], "ferret for --method"],
    ] as const) {
      const { code, stderr } = await ferret([...words, ...more]);
      expect(code).toBe(2);
      expect(stderr).toContain(sentence);
    }
  });

  it("goes on after its end, and names a checkpoint that is damaged", async () => {
    const saved = [...words, "--checkpoint", folder, "--every", "4items"];
    const whole = await ferret(saved);
    expect(complaints(whole)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(
      [1, 2].flatMap((k) => [`checkpoint-${k}.json`, `checkpoint-${k}.safetensors`]),
    );
    writeFileSync(join(folder, "checkpoint-2.safetensors"), "half");
    const again = await ferret([...saved, "--resume"]);
    expect(complaints(again)).toEqual([
      expect.stringMatching(/Checkpoint 2 .* has 4 of its \d+ bytes; checkpoint 1, the one before/),
      expect.stringMatching(/going on from item 4 of 12$/),
    ]);
    const [expected, record] = [whole, again].map(({ stdout }) =>
      stable(JSON.parse(stdout) as ResultRecord),
    );
    expect(record).toEqual(expected);
  });
});
