import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { caseOf, keyOf } from "../../src/suite/case.js";
import { fullScale, quickScale } from "../../src/suite/scale.js";
import { paperSettings } from "../../src/suite/settings.js";
import { readRuns, SuiteStore } from "../../src/suite/store.js";
import { record } from "../samples.js";

const [mnist] = paperSettings;
const one = caseOf(mnist!, { method: "1-skip" }, 0, quickScale);
const key = keyOf(one, ["program"]);
const run = {
  case: one,
  program: "program",
  world: ["native", "files"],
  record: record({ seed: 0 }),
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-store-"));
  mkdirSync(join(folder, "claims"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const claims = () => readdirSync(join(folder, "claims")).sort();
const runs = () => readRuns(folder, () => {});

describe("the key of a case", () => {
  const other = (change: Parameters<typeof caseOf>[1], seed = 0, scale = quickScale) =>
    keyOf(caseOf(mnist!, change, seed, scale), ["program"]);

  it("is that of all that decides what comes of it, in whatever order it is written", () => {
    const { run: fields, setting, budgetShare } = one;
    const turned = Object.fromEntries(Object.entries(fields).reverse()) as typeof fields;
    expect(keyOf({ budgetShare, run: turned, setting }, ["program"])).toBe(key);
    expect(keyOf(one, ["another program"])).not.toBe(key);
    const keys = [
      key,
      other({ method: "1-skip" }, 1),
      other({ method: "1-skip" }, 0, fullScale),
      other({ method: "1-skip", pressure: 4 }),
      other({ method: "ferret" }),
      other({ method: "ferret", memoryBudget: "min" }),
      other({ method: "ferret", budgetShare: 0.5 }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("a folder of runs", () => {
  it("keeps a run, and gives it back", () => {
    const store = new SuiteStore(folder);
    expect([store.has(key), store.claim(key)]).toEqual([false, "mine"]);
    store.add(key, run);
    expect([store.has(key), claims(), runs()]).toEqual([true, [], [run]]);
    expect(new SuiteStore(folder).claim(key)).toBe("done");
  });

  it("makes a run again that cannot be read", () => {
    const store = new SuiteStore(folder);
    store.add(key, run);
    writeFileSync(join(folder, "runs", `${key}.json`), "");
    expect([store.has(key), store.claim(key)]).toEqual([false, "mine"]);
    store.add(key, run);
    expect(runs()).toEqual([run]);
  });

  it("leaves a run to whoever is at it", () => {
    new SuiteStore(folder).claim(key);
    expect(new SuiteStore(folder).claim(key)).toBe("taken");
  });

  it("takes over from a process that is gone, at once", () => {
    const gone = spawnSync(process.execPath, ["--eval", "console.log(process.pid)"]);
    const text = JSON.stringify({ host: hostname(), pid: Number(gone.stdout) });
    const store = new SuiteStore(folder);
    writeFileSync(join(folder, "claims", `${key}.0`), text);
    expect(store.claim(key)).toBe("mine");
    expect(claims()).toEqual([`${key}.0`, `${key}.1`]);
    // Another one sees the newest claim.
    expect(new SuiteStore(folder).claim(key)).toBe("taken");
    store.add(key, run);
    expect(claims()).toEqual([]);
  });

  it("takes over from another machine that gives no sign of life, and not before", () => {
    const file = join(folder, "claims", `${key}.0`);
    const store = new SuiteStore(folder);
    writeFileSync(file, JSON.stringify({ host: "another", pid: 1 }));
    expect(store.claim(key)).toBe("taken");
    const old = new Date(Date.now() - 61_000);
    utimesSync(file, old, old);
    expect(store.claim(key)).toBe("mine");
  });

  it("counts a claim as alive that its process renews", () => {
    const store = new SuiteStore(folder);
    store.claim(key);
    const old = new Date(Date.now() - 120_000);
    utimesSync(join(folder, "claims", `${key}.0`), old, old);
    store.renew();
    expect(new SuiteStore(folder).claim(key)).toBe("taken");
  });

  it("does not make a run again that another one finished between two looks", () => {
    const mine = new SuiteStore(folder);
    const other = new SuiteStore(folder);
    other.claim(key);
    other.add(key, run);
    expect([mine.claim(key), claims()]).toEqual(["done", []]);
  });

  it("gives a run back that it did not finish", () => {
    const store = new SuiteStore(folder);
    store.claim(key);
    store.release(key);
    expect([claims(), new SuiteStore(folder).claim(key)]).toEqual([[], "mine"]);
  });

  it.each([
    ["cut off", (text: string) => text.slice(0, text.length / 2)],
    ["empty", () => ""],
    ["of another kind", () => '{"case":1}'],
    ["with a record that is none", (text: string) => text.replace('"oacc":', '"oacc":"x","was":')],
  ])("names a damaged file, %s, and reads the others", (_, damage) => {
    const store = new SuiteStore(folder);
    const second = caseOf(mnist!, { method: "1-skip" }, 1, quickScale);
    store.add(key, run);
    store.add(keyOf(second, ["program"]), { ...run, case: second });
    const file = join(folder, "runs", `${key}.json`);
    writeFileSync(file, damage(JSON.stringify(run)));
    const told: string[] = [];
    const found = readRuns(folder, (sentence) => told.push(sentence));
    expect(found.map((each) => each.case)).toEqual([second]);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`${file} is damaged (`);
  });
});
