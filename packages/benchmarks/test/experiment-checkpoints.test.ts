import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadDataset } from "../src/datasets/registry.js";
import { CaseCheckpoints } from "../src/experiments/case-checkpoints.js";
import { sweepCompensation } from "../src/experiments/compensation.js";
import { forgettingLearners, measureForgetting } from "../src/experiments/forgetting.js";
import { measurePressure } from "../src/experiments/pressure.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { complaints, ferret } from "./command.js";
import { stable } from "./runs.js";
import { setting } from "./samples.js";

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-experiment-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const loadGlyphs = (seed: number) => loadDataset("glyphs", { seed, download: false });
/** Ends what asks it after so many questions; a run asks before each item. */
const stopAfter = (questions: number) => {
  let asked = 0;
  return {
    get requested() {
      asked += 1;
      return asked > questions;
    },
  };
};
const every = { items: 7 };
const open = (name: string, resume: boolean) =>
  new CaseCheckpoints({ folder: name, every, resume });

describe("an experiment that is saved on its way", () => {
  const common = () => ({ seeds: [0], loadDataset: loadGlyphs, machinery });
  const forgetting = (checkpoints: CaseCheckpoints, questions: number) =>
    measureForgetting({
      ...common(),
      setting: setting({ order: "split", items: 25, model: "mlp", learningRate: 0.01 }),
      algorithms: ["er"],
      learners: forgettingLearners,
      testSamples: 40,
      checkpoints,
      stop: stopAfter(questions),
    });
  const pressure = (checkpoints: CaseCheckpoints, questions: number) =>
    measurePressure({
      ...common(),
      setting: setting({ items: 25, model: "mlp" }),
      methods: ["ferret", "1-skip"],
      pressures: [2, 8],
      checkpoints,
      stop: stopAfter(questions),
    });

  it("gives what the uninterrupted one gives, wherever it ended, however often", async () => {
    const whole = (name: string) => {
      const place = join(folder, name);
      mkdirSync(place);
      return open(place, false);
    };
    const expectedMatrices = await forgetting(whole("forgetting"), Number.POSITIVE_INFINITY);
    const expectedRecords = await pressure(whole("pressure"), Number.POSITIVE_INFINITY);
    expect(expectedMatrices).toHaveLength(2);
    expect(expectedRecords).toHaveLength(4);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (questions) => {
        const place = join(folder, `parts-${count++}`);
        mkdirSync(place);
        let runs = await forgetting(open(place, false), questions);
        for (let more = 20; runs.length < 2; more += 20)
          runs = await forgetting(open(place, true), questions + more);
        expect(runs.map(({ overall, within, tasks }) => ({ overall, within, tasks }))).toEqual(
          expectedMatrices.map(({ overall, within, tasks }) => ({ overall, within, tasks })),
        );
        expect(runs.map(({ record }) => stable(record))).toEqual(
          expectedMatrices.map(({ record }) => stable(record)),
        );
        let records = await pressure(open(place, true), questions);
        for (let more = 20; records.length < 4; more += 20)
          records = await pressure(open(place, true), questions + more);
        expect(records.map(stable)).toEqual(expectedRecords.map(stable));
        for (const run of readdirSync(place))
          expect(readdirSync(join(place, run))).toEqual(["result.json"]);
      }),
      { numRuns: 4, seed: 5, endOnFailure: true },
    );
  });

  it("takes what is finished, makes what cannot be read again, and refuses a folder in use", async () => {
    const records = await pressure(open(folder, false), Number.POSITIVE_INFINITY);
    expect(() => open(folder, false)).toThrow(/without runs for --checkpoint .* --resume/);
    const files = readdirSync(folder).map((name) => join(folder, name, "result.json"));
    const untouched = files.map((file) => statSync(file).ino);
    await pressure(open(folder, true), Number.POSITIVE_INFINITY);
    expect(files.map((file) => statSync(file).ino)).toEqual(untouched);
    // Records hold times, which differ whenever a run is made again.
    const told = ({ label, pressure: speed, oacc, tacc }: (typeof records)[number]) => [
      label,
      speed,
      oacc,
      tacc,
    ];
    const whole = readFileSync(files[0] as string, "utf8");
    for (const damage of ["{", "null", "{}", whole.replace(/"oacc":[\d.]+/, '"oacc":12.5')]) {
      expect(damage).not.toBe(whole);
      writeFileSync(files[0] as string, damage);
      const again = await pressure(open(folder, true), Number.POSITIVE_INFINITY);
      expect(again.map(told)).toEqual(records.map(told));
      expect(JSON.parse(readFileSync(files[0] as string, "utf8")).result.items).toBe(25);
    }
  });

  it("makes no run of a compensation sweep twice", async () => {
    const sweep = {
      datasets: ["glyphs"],
      orders: ["iid"],
      learningRates: [0.1],
      staleness: [2, 4],
      methods: ["delay-adaptive"],
      seeds: [0, 1],
      optimizer: "sgd",
      model: "mlp",
      items: 10,
      batch: 16,
      loadDataset: (_name: string, seed: number) => loadGlyphs(seed),
      machinery,
      stop: { requested: false },
    };
    const whole = await sweepCompensation(sweep);
    const finished = whole.filter((_, index) => index % 3 !== 0);
    const made: unknown[] = [];
    const rest = await sweepCompensation({
      ...sweep,
      finished,
      onRun: (run, done, total) => made.push([run, done, total]),
    });
    expect(rest).toEqual(whole);
    expect(made).toEqual(
      whole.flatMap((run, index) => (index % 3 === 0 ? [[run, index + 1, whole.length]] : [])),
    );
  });

  it("does so from the command line", async () => {
    const words = "experiment pressure --items 20 --methods ferret --pressures 2,4 --seeds 1".split(
      " ",
    );
    const place = join(folder, "saved");
    const saved = ["--checkpoint", place, "--out", join(folder, "out"), "--json"];
    const first = await ferret([...words, ...saved, "--every", "5items"]);
    expect([first.code, complaints(first).filter((line) => /Expected/.test(line))]).toEqual([
      0,
      [],
    ]);
    const again = await ferret([...words, ...saved, "--every", "5items", "--resume"]);
    expect([again.code, again.stdout]).toEqual([0, first.stdout]);
    const refused = await Promise.all([
      ferret([...words, ...saved]),
      ferret([...words, ...saved, "--every", "30s"]),
      ferret([...words, "--resume", "--out", join(folder, "out")]),
      ferret(["experiment", "compensation", "--datasets", "glyphs", "--resume"]),
    ]);
    expect(refused.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    expect(refused.map(({ stderr }) => /Expected [^\n]*/.exec(stderr)?.[0])).toEqual([
      expect.stringMatching(/^Expected a folder without runs for --checkpoint/),
      expect.stringMatching(/^Expected items such as 100items for --every/),
      expect.stringMatching(/^Expected --checkpoint with --resume but received none/),
      expect.stringMatching(/^Expected --out with --resume but received none/),
    ]);
  });
});
