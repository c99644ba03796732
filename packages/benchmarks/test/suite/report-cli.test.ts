// `ferret report` on the folders of a suite, as the built program does it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { keyOf } from "../../src/suite/case.js";
import { type SuiteRun, SuiteStore } from "../../src/suite/store.js";
import { table3 } from "../../src/suite/tables/table3.js";
import { complaints, ferret } from "../command.js";
import { record } from "../samples.js";
import { scale, settingNamed, suiteRun } from "./runs.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-suite-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

const setting = settingNamed("Covertype/MLP");
const runs = scale.seeds.flatMap((seed) =>
  table3
    .contenders(setting, scale)
    .map(({ variation }, place) =>
      suiteRun(setting, variation, { seed, oacc: 50 + place + seed, memory: 4 - place / 4 }),
    ),
);

function keep(name: string, some: readonly SuiteRun[]): string {
  const store = new SuiteStore(join(folder, name));
  for (const run of some) store.add(keyOf(run.case, [run.program]), run);
  return name;
}

const written = (name: string) =>
  Object.fromEntries(
    ["report.html", "tables.md", "tables.csv", "tables.tex"].map((file) => [
      file,
      readFileSync(join(folder, name, file), "utf8"),
    ]),
  );

describe("ferret report on a suite", () => {
  it("writes page and tables, the same of shards as of the whole", async () => {
    keep("whole", runs);
    keep("first", runs.slice(0, 12));
    keep("second", runs.slice(8));
    for (const name of ["one", "two"]) mkdirSync(join(folder, name));
    const whole = await ferret(["report", "whole", "--out", "one/report.html"], { cwd: folder });
    const shards = await ferret(["report", "second", "first", "--out", "two/report.html"], {
      cwd: folder,
    });
    expect([whole.code, shards.code]).toEqual([0, 0]);
    expect(complaints(whole)).toEqual(["ferret: page in one/report.html, tables beside it"]);
    expect(shards.stdout).toBe(whole.stdout);
    // DAPPLE has 4 MiB, Ferret M- 2.25 MiB and more accuracy, M+ 1.75 and yet more.
    expect(whole.stdout).toMatch(/Covertype\/MLP {2}2\.29 \(DAPPLE\) {2}1\.43 \(PipeDream-2BW\)/);
    expect(written("two")).toEqual(written("one"));
    expect(readdirSync(join(folder, "one"))).toHaveLength(4);
  });

  it("prints JSON alone, and tells of runs that are damaged", async () => {
    keep("damaged", runs.slice(1));
    writeFileSync(join(folder, "damaged/runs", `${"0".repeat(32)}.json`), '{"case":');
    const { code, stdout, ...streams } = await ferret(
      ["report", "damaged", "--json", "--out", "damaged/report.html"],
      { cwd: folder },
    );
    expect(code).toBe(0);
    const data = JSON.parse(stdout);
    expect(data.cautions[0]).toMatch(/^1 of 20 runs are missing/);
    expect(data.headline[0].setting).toBe("Covertype/MLP");
    expect(complaints({ code, stdout, ...streams })[0]).toMatch(/0{32}\.json is damaged/);
  });

  it("refuses a suite beside single runs, and one without a run", async () => {
    keep("none", []);
    mkdirSync(join(folder, "single"));
    writeFileSync(join(folder, "single/results.ndjson"), `${JSON.stringify(record())}\n`);
    const both = await ferret(["report", "whole", "single"], { cwd: folder });
    const none = await ferret(["report", "none"], { cwd: folder });
    expect([both.code, none.code, both.stdout, none.stdout]).toEqual([2, 2, "", ""]);
    expect(complaints(both)[0]).toMatch(/but received both: whole is a suite's/);
    expect(complaints(none)[0]).toMatch(/or the runs of a suite, in none but it has neither/);
  });
});

describe("ferret suite", () => {
  it("prints what was asked for, and writes page and tables into its folder", async () => {
    const words = ["suite", "table1", "--quick", "--items", "6", "--seeds", "1", "--out", "made"];
    const options = ["--settings", "glyphs/MNISTNet", "--processes", "1"];
    const { code, stdout } = await ferret([...words, ...options], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain("Table 1: learners of a fast stream");
    expect(stdout).not.toMatch(/missing|Table 3/);
    expect(readdirSync(join(folder, "made")).sort()).toEqual([
      "claims",
      "report.html",
      "runs",
      "tables.csv",
      "tables.md",
      "tables.tex",
    ]);
    // The folder's own report is that of its runs.
    const page = readFileSync(join(folder, "made/report.html"), "utf8");
    await ferret(["report", "made", "--out", "made/again.html"], { cwd: folder });
    expect(readFileSync(join(folder, "made/again.html"), "utf8")).toBe(page);
  }, 120_000);
});
