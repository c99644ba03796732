import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResultRecord } from "../src/record.js";
import { alignColumns, fitColumns } from "../src/report/fit.js";
import { escapeHtml, formatTime } from "../src/report/format.js";
import { groupByLabel } from "../src/report/groups.js";
import { renderReport } from "../src/report/html.js";
import { stageRows } from "../src/report/stages-table.js";
import { renderTable, tableRows } from "../src/report/table.js";
import { describeSetting, remarks } from "../src/report/words.js";
import { record } from "./samples.js";

const mebibyte = 2 ** 20;
const memory = (mebibytes: number, budget: number | null = null) => ({
  ...record().memory,
  budget: budget === null ? null : budget * mebibyte,
  planned: mebibytes * mebibyte,
  peak: mebibytes * mebibyte,
});

/** The five learners over two seeds, in numbers that can be checked by hand. */
function comparison(): ResultRecord[] {
  const all = { learned: 4, dropped: 0 };
  return [0, 1].flatMap((seed) => [
    record({ seed, method: "oracle", label: "Oracle", plan: null, oacc: 90 + seed, ...all }),
    record({ seed, label: "Ferret M+", oacc: 80 + 2 * seed, memory: memory(8) }),
    record({ seed, label: "Ferret M", oacc: 70 + seed, memory: memory(4, 4.5) }),
    record({ seed, label: "Ferret M-", oacc: 60, memory: memory(2, 2), tacc: 40 + 4 * seed }),
    record({ seed, method: "1-skip", label: "1-Skip", plan: null, oacc: 50 + seed }),
  ]);
}

/** What every learner of it has in the columns of scores. */
const scoreColumns = "          kappa    kappa-temp.    majority %   no-change %";
const ownScores = "  0.500 ± 0.000  0.571 ± 0.000  25.00 ± 0.00  12.50 ± 0.00";

describe("the table", () => {
  it("has one row a learner: means over seeds, standard errors, agm over 1-Skip of the same seed", () => {
    // agm of M+: 80 - 50 - ln 8 = 27.92 and 82 - 51 - ln 8 = 28.92.
    expect(renderTable(comparison(), 200)).toBe(
      [
        "method     online acc. %   test acc. %  learned  dropped %   budget  planned  measured           agm",
        "Oracle      90.50 ± 0.50  50.00 ± 0.00        4        0.0     none  1.0 MiB   1.0 MiB  40.00 ± 0.00",
        "Ferret M+   81.00 ± 1.00  50.00 ± 0.00        3       25.0     none  8.0 MiB   8.0 MiB  28.42 ± 0.50",
        "Ferret M    70.50 ± 0.50  50.00 ± 0.00        3       25.0  4.5 MiB  4.0 MiB   4.0 MiB  18.61 ± 0.00",
        "Ferret M-   60.00 ± 0.00  42.00 ± 2.00        3       25.0  2.0 MiB  2.0 MiB   2.0 MiB   8.81 ± 0.50",
        "1-Skip      50.50 ± 0.50  50.00 ± 0.00        3       25.0     none  1.0 MiB   1.0 MiB   0.00 ± 0.00",
      ]
        .map((line, row) => line + (row === 0 ? scoreColumns : ownScores))
        .join("\n"),
    );
  });

  it("fits 80 columns: groups of columns that do not follow below, and nothing is left out", () => {
    const rows = tableRows(comparison());
    const parts = renderTable(comparison()).split("\n\n");
    expect(parts.map((part) => part.split("\n")[0]?.trim().split(/ {2,}/))).toEqual([
      ["method", "online acc. %", "test acc. %", "learned", "dropped %"],
      ["method", "budget", "planned", "measured", "agm"],
      ["method", "kappa", "kappa-temp.", "majority %", "no-change %"],
    ]);
    for (const part of parts) {
      const lines = part.split("\n");
      expect(lines).toHaveLength(rows.length);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it("puts every cell of any table in order, as wide as there is room", () => {
    const cell = fc.string({ unit: fc.constantFrom(..."abc0159"), minLength: 1, maxLength: 30 });
    const table = fc.integer({ min: 1, max: 12 }).chain((columns) =>
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 4,
      }),
    );
    fc.assert(
      fc.property(table, fc.array(fc.integer({ min: 1, max: 5 })), (rows, groups) => {
        const parts = fitColumns(rows, groups, 80)
          .split("\n\n")
          .map((part) => part.split("\n"));
        for (const line of parts.flat()) expect(line.length).toBeLessThanOrEqual(80);
        rows.forEach((row, index) => {
          const shown = parts.map((part) => part[index]!.trim().split(/ +/));
          for (const [first] of shown) expect(first).toBe(row[0]);
          expect([row[0], ...shown.flatMap((cells) => cells.slice(1))]).toEqual(row);
        });
      }),
    );
  });

  it("has no error of a single run, no agm without 1-Skip, no test accuracy without a test split", () => {
    const [, row] = tableRows([record({ tacc: null })]);
    expect(row).toEqual([
      "Ferret M+",
      "62.50",
      "-",
      "3",
      "25.0",
      "none",
      "1.0 MiB",
      "1.0 MiB",
      "-",
      "0.500",
      "0.571",
      "25.00",
      "12.50",
    ]);
    const [, untold] = tableRows([record({ agreement: null })]);
    expect(untold?.slice(-4)).toEqual(["-", "-", "-", "-"]);
  });

  it("keeps runs apart that differ in more than the seed, and says in what", () => {
    const label = "Ferret";
    const names = (...changes: Partial<ResultRecord>[]) =>
      tableRows(changes.map((change) => record({ label, ...change })))
        .slice(1)
        .map(([name]) => name);
    expect(names({ seed: 0 }, { seed: 1 })).toEqual(["Ferret"]);
    expect(names({ algorithm: "er" }, { algorithm: "vanilla" })).toEqual([
      "Ferret (er)",
      "Ferret (vanilla)",
    ]);
    expect(names({ memory: memory(1, 2) }, { memory: memory(1, 3) }, { seed: 1 })).toEqual([
      "Ferret (2.0 MiB)",
      "Ferret (3.0 MiB)",
      "Ferret (no limit)",
    ]);
    expect(
      names(
        { compensation: "none", order: "split" },
        { label: "Oracle", compensation: "none" },
        {},
      ),
    ).toEqual(["Ferret (split, none)", "Oracle", "Ferret (iid, iter-fisher)"]);
  });

  it("names each compensation of the pipelines, as a small budget may leave it out", () => {
    const line = (...names: string[]) =>
      describeSetting([
        ...names.map((compensation) => record({ compensation })),
        record({ method: "1-skip", plan: null, compensation: "none" }),
      ]);
    expect(line("secant", "none", "secant")).toContain("compensation secant or none ·");
    expect(line("secant")).toContain("compensation secant ·");
    expect(line()).toContain("compensation none ·");
  });

  it("compares with the 1-Skip of the same algorithm", () => {
    const rows = tableRows(
      ["er", "vanilla"].flatMap((algorithm, place) => [
        record({ algorithm, oacc: 60 }),
        record({ algorithm, method: "1-skip", label: "1-Skip", plan: null, oacc: 50 + place }),
      ]),
    );
    expect(rows.slice(1).map((row) => [row[0], row[8]])).toEqual([
      ["Ferret M+ (er)", "10.00"],
      ["1-Skip (er)", "0.00"],
      ["Ferret M+ (vanilla)", "9.00"],
      ["1-Skip (vanilla)", "0.00"],
    ]);
  });

  it("lines up its columns, whatever stands in them: first to the left, others to the right", () => {
    const cell = fc.string({ unit: fc.constantFrom(..."abc0159.-%±") });
    const rows = fc
      .integer({ min: 1, max: 5 })
      .chain((columns) =>
        fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1 }),
      );
    fc.assert(
      fc.property(rows, (cells) => {
        const lines = alignColumns(cells).split("\n");
        expect(lines.length).toBe(cells.length);
        let start = 0;
        for (const [column] of cells[0]!.entries()) {
          const width = Math.max(...cells.map((row) => row[column]!.length));
          for (const [index, line] of lines.entries()) {
            const shown = line.slice(start, start + width).padEnd(width);
            const text = cells[index]![column]!;
            expect(shown).toBe(column === 0 ? text.padEnd(width) : text.padStart(width));
          }
          start += width + 2;
        }
      }),
    );
  });
});

describe("the page", () => {
  it("holds everything: nothing to load, no script", () => {
    const page = renderReport(comparison(), { title: "Ferret on glyphs" });
    const addresses = page.match(/\w+:\/\/[^\s"'<>)]*/g) ?? [];
    expect(new Set(addresses)).toEqual(
      new Set(["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]),
    );
    expect(page.replaceAll(/ xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:/);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)/i);
  });

  it("shows every learner in the table, the charts and the plans", () => {
    const page = renderReport(comparison(), { title: "t" });
    for (const label of ["Oracle", "Ferret M+", "Ferret M", "Ferret M-", "1-Skip"]) {
      expect(page).toContain(`<td>${label}</td>`);
      expect(page).toContain(`<li><b>${label}</b>`);
      expect(page.split(`>${label}</text>`).length).toBeGreaterThan(3);
    }
    expect(page).toContain("Pipeline of Ferret M+");
    expect(page).not.toContain("Pipeline of Oracle");
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("is the same page for the same records, also in a process that drew others", () => {
    const draw = () => renderReport(comparison(), { title: "t" });
    const first = draw();
    renderReport([record({ seed: 5 })], { title: "another" });
    expect(draw()).toBe(first);
  });

  it("gives no two charts the same names", () => {
    const page = renderReport(comparison(), { title: "t" });
    const ids = [...page.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id);
    // The pipelines of the three plans are the same here, so their drawings are too.
    const charts = new Set(page.match(/<svg[\s\S]*?<\/svg>/g) ?? []);
    const names = [...charts].map((svg) => new Set(svg.match(/\bc[0-9a-f]{8}-\d+\b/g) ?? []));
    expect(ids.length).toBeGreaterThan(0);
    const all = names.flatMap((each) => [...each]);
    expect(new Set(all).size).toBe(all.length);
  });

  it("escapes what comes from records", () => {
    const evil = `<script>alert("1")</script>&'`;
    const page = renderReport(
      [
        record({
          label: evil,
          dataset: evil,
          model: evil,
          algorithm: evil,
          compensation: evil,
          order: evil,
          runtime: evil,
          timing: evil,
          gitRevision: evil,
          environment: { node: evil, platform: evil, cpu: evil, kernels: evil },
        }),
      ],
      { title: evil },
    );
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;");
  });

  it("is drawn of a run that ended before its first item", () => {
    const stopped = record({
      items: 0,
      learned: 0,
      dropped: 0,
      curve: { window: 1, items: [], oacc: [], windowed: [] },
      timeline: [],
      staleness: [{ stage: 0, histogram: [] }],
    });
    expect(renderReport([stopped], { title: "t" })).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("texts", () => {
  it("escape to what an HTML reader turns back", () => {
    const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."<>&\"'ab;#39lt") }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        const back = escaped.replace(
          /&(lt|gt|quot|#39|amp);/g,
          (entity) => entities[entity as keyof typeof entities],
        );
        expect(back).toBe(text);
      }),
    );
  });

  it.each([
    [2.8812, "2.88 ms"],
    [0.64, "640 us"],
    [1_204, "1.20 s"],
  ])("tell %d ms as %s", (milliseconds, text) => {
    expect(formatTime(milliseconds)).toBe(text);
  });
});

describe("learning by stage", () => {
  const few = { learned: 100, items: 100, dropped: 0 };
  const stages = [
    { gradients: 54, updates: 27 },
    { gradients: 96, updates: 96 },
  ];

  it("is told where a stage has seen far fewer gradients than items were taken in", () => {
    const asked = { compensation: "iter-fisher" };
    expect(remarks(record({ ...few, stages }), asked)).toContain(
      "Ferret M+, seed 0, took in 100 items, but not every stage learned from all of them: " +
        "stage 0 from 54 of them",
    );
    // Steps on several items at once, all that was taken in, and what an older record leaves out.
    for (const change of [{ plan: null, stages }, { stages: stages.slice(1) }, { stages: null }])
      expect(remarks(record({ ...few, ...change }), asked).join()).not.toContain("not every stage");
  });

  it("stands in the report, as means over seeds, and not for older records", () => {
    const other = [{ gradients: 56, updates: 29 }];
    const groups = groupByLabel([
      record({ ...few, stages }),
      record({ ...few, seed: 1, stages: other }),
      record({ ...few, label: "Older", stages: null }),
    ]);
    expect(stageRows(groups)).toEqual([
      ["method", "stage", "items taken in", "gradients", "updates"],
      ["Ferret M+", "0", "100", "55", "28"],
      ["Ferret M+", "1", "100", "96", "96"],
    ]);
    expect(stageRows(groupByLabel([record({ stages: null })]))).toBeNull();
    expect(renderReport([record()], { title: "t" })).toContain("Learning by stage");
  });
});
