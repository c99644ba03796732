// What the report of a suite shows, worked out by hand on made-up runs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleReport } from "../../src/suite/report/assemble.js";
import { type Cell, cellOf, ranked } from "../../src/suite/report/cell.js";
import type { SuiteReport } from "../../src/suite/report/contents.js";
import { headlineOf } from "../../src/suite/report/headline.js";
import { tableMeasures } from "../../src/suite/report/measures.js";
import { tablesOf } from "../../src/suite/report/tables.js";
import { SuiteResults } from "../../src/suite/results.js";
import type { Contender, SuitePart } from "../../src/suite/tables/contract.js";
import { memory } from "../../src/suite/tables/memory.js";
import { table1 } from "../../src/suite/tables/table1.js";
import { table2 } from "../../src/suite/tables/table2.js";
import { table3 } from "../../src/suite/tables/table3.js";
import { type Figures, scale, settingNamed, stateOf, suiteRun } from "./runs.js";

const covertype = settingNamed("Covertype/MLP");
const mnist = settingNamed("MNIST/MNISTNet");

const measureNamed = (name: string) => {
  const found = tableMeasures.find((measure) => measure.name === name);
  if (!found) throw new Error(`no measure ${name}`);
  return found;
};

describe("a cell", () => {
  const skip: Contender = { label: "1-Skip", variation: { method: "1-skip" }, baseline: "1-Skip" };
  const ferret: Contender = {
    label: "Ferret",
    variation: { method: "ferret" },
    baseline: "1-Skip",
  };
  const runs = [
    suiteRun(covertype, skip.variation, { seed: 0, oacc: 50, memory: 1, more: { tacc: 40 } }),
    suiteRun(covertype, skip.variation, { seed: 1, oacc: 60, memory: 1, more: { tacc: 40 } }),
    suiteRun(covertype, ferret.variation, { seed: 0, oacc: 55, memory: 2, more: { tacc: 42 } }),
    suiteRun(covertype, ferret.variation, { seed: 1, oacc: 61, memory: 4, more: { tacc: 44 } }),
    // Its baseline is not there.
    suiteRun(covertype, ferret.variation, { seed: 2, oacc: 99, memory: 9, more: { tacc: 99 } }),
  ];
  const results = new SuiteResults([], [], { ...scale, seeds: [0, 1, 2] }, runs);
  const cell = (name: string, one = ferret) =>
    cellOf(results, covertype, one, measureNamed(name), [skip, ferret]);

  it("compares seed by seed, and leaves out seeds without a baseline", () => {
    // Seed 0: 5 - ln 2 = 4.3069, seed 1: 1 - ln 4 = -0.3863; half of their distance is the error.
    const gain = cell("agm");
    expect(gain.estimate?.mean).toBeCloseTo(1.9603, 4);
    expect(gain.estimate?.error).toBeCloseTo(2.3466, 4);
    expect([gain.runs, gain.wanted]).toEqual([2, 3]);
    // 2 - ln 2 and 4 - ln 4.
    expect(cell("tagm").estimate?.mean).toBeCloseTo(1.9603, 4);
    expect(cell("agm", skip).estimate?.mean).toBe(0);
  });

  it("is of every run that is there where nothing is compared", () => {
    expect(cell("oacc").estimate?.mean).toBeCloseTo((55 + 61 + 99) / 3, 10);
    expect(cell("memory").estimate?.mean).toBe(5);
    expect(cell("dropped").estimate?.mean).toBe(25);
    expect([cell("oacc").runs, cell("oacc", skip).runs]).toEqual([3, 2]);
  });

  it("has nothing where a run has no such figure, or there is no run", () => {
    const untested = suiteRun(mnist, skip.variation, { oacc: 1, more: { tacc: null } });
    const some = new SuiteResults([], [], scale, [untested]);
    const of = (one: Contender) => cellOf(some, mnist, one, measureNamed("tacc"), [skip, ferret]);
    expect([of(skip).estimate, of(skip).runs]).toEqual([null, 1]);
    expect([of(ferret).estimate, of(ferret).runs, of(ferret).wanted]).toEqual([null, 0, 2]);
  });
});

describe("places", () => {
  const row = (measure: string, ...means: (number | null)[]): Cell[] =>
    means.map((mean, place) => ({
      setting: "s",
      contender: `c${place}`,
      group: null,
      measure: measureNamed(measure),
      estimate: mean === null ? null : { mean, error: 0, count: 3 },
      runs: 3,
      wanted: 3,
      collapsed: 0,
      isBound: false,
      place: null,
    }));
  const places = (cells: readonly Cell[]) => ranked(cells).map(({ place }) => place);

  it("are of the highest accuracies, the least memory and the fewest drops", () => {
    expect(places(row("oacc", 50, 70, 60))).toEqual([null, 1, 2]);
    expect(places(row("memory", 50, 70, 60))).toEqual([1, null, 2]);
    expect(places(row("dropped", 0, 70, 0))).toEqual([1, null, 1]);
  });

  it("are shared by what is equal in the digits shown, and two best leave no second", () => {
    expect(places(row("oacc", 70.004, 70.001, 60))).toEqual([1, 1, null]);
    expect(places(row("oacc", 80, 70.004, 70.001, 60))).toEqual([1, 2, 2, null]);
    expect(places(row("oacc", 70.006, 70.001, 60))).toEqual([1, 2, null]);
  });

  it("leave out bounds, missing cells, and those of fewer seeds", () => {
    const [bound, few, ...others] = row("oacc", 99, 98, 60, null, 50) as [Cell, Cell, ...Cell[]];
    const cells = [{ ...bound, isBound: true }, { ...few, runs: 2 }, ...others];
    expect(places(cells)).toEqual([null, null, 1, null, 2]);
    expect(places(row("oacc", 50, null))).toEqual([null, null]);
  });

  it("go to those that fewer than two are better than, in any row", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2 }), (means) => {
        const marked = places(row("oacc", ...means));
        means.forEach((mean, index) => {
          const better = means.filter((other) => other > mean).length;
          const isAlike = means.every((other) => other === mean);
          expect(marked[index]).toBe(isAlike ? null : ([1, 2][better] ?? null));
        });
      }),
    );
  });
});

describe("the tables", () => {
  it("have settings as rows, contenders as columns and algorithms as blocks", () => {
    const er = { method: "1-skip", algorithm: "er" } as const;
    const results = new SuiteResults([table2], [], scale, [
      suiteRun(mnist, er, { oacc: 10, seed: 0 }),
      suiteRun(mnist, er, { oacc: 20, seed: 1, more: collapsed }),
    ]);
    const [table] = tablesOf(results, table2, [mnist, covertype]);
    expect(table?.columns).toEqual(["1-Skip", "Ferret M+"]);
    expect(table?.blocks.map(({ head }) => head)).toEqual(["vanilla", "er", "mir", "lwf", "mas"]);
    const [first, second] = table?.blocks[1]?.rows ?? [];
    expect([first?.name, second?.name]).toEqual(["MNIST/MNISTNet", "Covertype/MLP"]);
    expect(first?.cells[0]).toMatchObject({
      contender: "1-Skip, er",
      runs: 2,
      collapsed: 1,
      estimate: { mean: 15, error: 5 },
    });
    expect(second?.cells.map((cell) => cell?.runs)).toEqual([0, 0]);
  });
});

const suiteData = {
  files: "published",
  train: 1,
  test: 1,
  labelColumn: null,
  header: null,
  dropped: 0,
  decoder: null,
} as const;

const collapsed = { collapse: { item: 3, window: 2, class: 0 } };

/** Two seeds of each, but of PipeDream-2BW. */
function example() {
  const both = (
    variation: Contender["variation"],
    [first, second]: readonly [number, number],
    memory: number,
    more: Figures["more"] = {},
  ) =>
    [first, second].map((oacc, seed) =>
      suiteRun(covertype, variation, { oacc, seed, memory, more }),
    );
  return [
    ...both({ method: "dapple" }, [50, 52], 8),
    ...both({ method: "zero-bubble" }, [60, 60], 10),
    ...both({ method: "pipedream" }, [90, 90], 12),
    ...both({ method: "hanayo-1" }, [10, 10], 100, collapsed),
    suiteRun(covertype, { method: "pipedream-2bw" }, { oacc: 60, memory: 9 }),
    ...both({ method: "ferret", memoryBudget: "min" }, [49, 53], 4),
    ...both({ method: "ferret", budgetShare: 1 / 7 }, [58, 64], 8),
    ...both({ method: "ferret", memoryBudget: "2bw" }, [62, 62], 6),
    ...both({ method: "ferret", memoryBudget: "none" }, [80, 80], 16),
    // Of another compensation, algorithm and pressure: not what Ferret does by default in this setting.
    ...both({ method: "ferret", compensation: "none", objective: "paper" }, [95, 95], 1),
    ...both({ method: "ferret", algorithm: "er" }, [95, 95], 1),
    ...both({ method: "ferret", memoryBudget: "none", pressure: 1 }, [95, 95], 1),
  ];
}

describe("the headline", () => {
  it("divides each schedule's memory by the least of Ferret at that accuracy", () => {
    const results = new SuiteResults([table1, table3, memory], [], scale, example());
    const [headline, ...none] = headlineOf(results, [covertype, mnist]);
    expect(none).toEqual([]);
    const rows = headline?.comparisons.map(({ schedule, factor, ferret, runs }) => [
      schedule,
      factor && Number(factor.toFixed(4)),
      ferret?.label ?? null,
      runs,
    ]);
    expect(rows).toEqual([
      // 51 on the mean: Ferret M- is exactly as accurate, with 4 of 8 MiB.
      ["DAPPLE", 2, "Ferret M-", 2],
      // 60: M has 62 with 6 of 10 MiB, the second budget of the figure 61 with 8.
      ["Zero-Bubble", 1.6667, "Ferret M", 2],
      ["Hanayo 1W", 25, "Ferret M-", 2],
      ["PipeDream", null, null, 2],
      // On seed 0 alone: 60, where the second budget has 58 and M 62.
      ["PipeDream-2BW", 1.5, "Ferret M", 1],
    ]);
    expect(headline?.largest?.schedule).toBe("DAPPLE");
    expect(headline?.least?.schedule).toBe("PipeDream-2BW");
    expect(headline?.unreached).toEqual(["PipeDream"]);
  });

  it("leaves out what is no better than guessing", () => {
    const data = (classes: number) => ({ ...suiteData, classes });
    const factorOf = (classes: number) =>
      headlineOf(
        new SuiteResults([table1, table3], [], scale, [
          suiteRun(
            covertype,
            { method: "dapple" },
            { oacc: 14, memory: 8, more: { data: data(classes) } },
          ),
          suiteRun(covertype, { method: "ferret", memoryBudget: "min" }, { oacc: 14, memory: 4 }),
        ]),
        [covertype],
      )[0]?.largest?.factor ?? null;
    // A seventh is 14.3 %, a tenth 10 %.
    expect(factorOf(7)).toBe(null);
    expect(factorOf(10)).toBe(2);
  });

  it("is told in words, with what is not reached", () => {
    const { summary } = assembleReport(example());
    const words = summary.join(" ");
    expect(words).toContain(
      "Ferret needs up to 2.00 times less memory than a pipeline schedule: on Covertype/MLP DAPPLE takes 8.0 MiB, " +
        "and Ferret 4.0 MiB for the same online accuracy (paper: up to 3.7 times less).",
    );
    expect(words).toContain("less memory than every schedule at equal accuracy on 0 of 1 setting.");
    expect(words).toContain(
      "Under no budget measured does Ferret reach the accuracy of PipeDream on Covertype/MLP.",
    );
  });
});

describe("a report of a folder", () => {
  const partsOf = (report: SuiteReport) =>
    report.parts.map(({ part, settings }) => [part.name, settings.map(({ name }) => name).join()]);
  /** One run of every contender of a part. */
  const allOf = (part: SuitePart, figures: Partial<Figures> = {}) =>
    part
      .contenders(covertype, scale)
      .map(({ variation }) => suiteRun(covertype, variation, { oacc: 50, ...figures }));

  it("finds parts and seeds by the runs", () => {
    const report = assembleReport([...allOf(table3, { seed: 4 }), ...allOf(table3, { seed: 2 })]);
    expect(partsOf(report)).toEqual([["table3", "Covertype/MLP"]]);
    expect(report.results.scale).toEqual({ ...scale, seeds: [2, 4] });
    expect(report.cautions).toEqual([]);
    // What has the runs of table 1 can show the accuracy along the stream.
    expect(partsOf(assembleReport(allOf(table1)))).toEqual([
      ["table1", "Covertype/MLP"],
      ["stream", "Covertype/MLP"],
    ]);
  });

  it("counts runs of two folders once, whatever their order", () => {
    const runs = allOf(table3);
    const halves = [...runs.slice(5), ...runs];
    expect(assembleReport(halves).records).toEqual(assembleReport(runs).records);
    expect(assembleReport(halves).cautions).toEqual([]);
  });

  it("says how many runs are missing, and where", () => {
    const [, ...runs] = [...allOf(table3, { seed: 0 }), ...allOf(table3, { seed: 1 })];
    expect(assembleReport(runs).cautions.join()).toMatch(
      /^1 of 20 runs are missing \(Covertype\/MLP: 1\)/,
    );
  });

  it("never mixes scales, and tells of the others", () => {
    const other = { scale: { mostItems: null, testSamples: null } };
    const runs = [...allOf(table3), ...allOf(table3, { ...other, oacc: 99 }).slice(1)];
    const report = assembleReport(runs);
    expect(report.records.every(({ oacc }) => oacc === 50)).toBe(true);
    expect(report.cautions).toEqual([
      "9 runs of another scale (one pass over the data, all test samples) are there too and not shown; " +
        "ferret suite ... shows them.",
    ]);
    const asked = assembleReport(runs, {
      parts: [table3],
      states: [stateOf(covertype), stateOf(mnist, false)],
      scale: { mostItems: null, testSamples: null, seeds: [0], isQuick: false },
      program: "present",
    });
    expect(asked.records.map(({ oacc }) => oacc)).toEqual(Array(9).fill(99));
    expect(asked.cautions[0]).toMatch(/^10 runs .*ferret suite \.\.\. --quick shows/);
    expect(asked.absent).toEqual([
      "MNIST/MNISTNet: mnist is not at hand; put train.bin from https://example.org/data into the folder mnist of the " +
        "data folder.",
    ]);
  });

  it("tells of several versions of the program, and takes the present one's runs first", () => {
    const [first, ...older] = allOf(table3, { program: "older", oacc: 10 });
    const [newer] = allOf(table3, { oacc: 90 });
    const runs = [...older, first, newer].flatMap((run) => run ?? []);
    const asked = { parts: [table3], states: [stateOf(covertype)], program: "present" };
    const report = assembleReport(runs, { ...asked, scale: { ...scale, seeds: [0] } });
    expect(report.records.map(({ oacc }) => oacc)).toEqual([90, ...Array(9).fill(10)]);
    expect(report.cautions).toEqual([
      "Runs by 2 versions of the program or runtimes are shown together: 1 by present on native, 9 by older on " +
        "native; a run that several made is that of the first of them.",
    ]);
    // Without a present version that of most runs.
    expect(assembleReport(runs).records.map(({ oacc }) => oacc)).toEqual(Array(10).fill(10));
  });

  it("never mixes runs on other data, and takes those that are most", () => {
    const runs = allOf(table3, { oacc: 10 }).map((run) => ({ ...run, world: ["native", "a 1"] }));
    const [other, second] = allOf(table3, { oacc: 90 });
    const others = [other!, second!].map((run) => ({ ...run, world: ["native", "a 2"] }));
    for (const all of [
      [...others, ...runs],
      [...runs, ...others],
    ]) {
      const report = assembleReport(all);
      expect(report.records.map(({ oacc }) => oacc)).toEqual(Array(10).fill(10));
      expect(report.cautions).toEqual([
        "2 runs of Covertype/MLP on other data are there too and not shown.",
      ]);
    }
  });

  it("names what collapsed, and runs that it has no table for", () => {
    const [first, ...others] = allOf(table3);
    const fallen = suiteRun(covertype, first!.case.run, { oacc: 5, more: collapsed });
    const odd = suiteRun(covertype, { method: "dapple", pressure: 3 }, { oacc: 1 });
    const report = assembleReport([fallen, odd, ...others]);
    expect(report.cautions).toEqual([
      "1 run of this scale is there too and in no table, as this version of the program asks for other settings or " +
        "learners.",
      "In 1 of 10 runs the learner collapsed, and for a while predicted one class whatever came; they are marked " +
        "with †: DAPPLE on Covertype/MLP (1).",
    ]);
  });
});
