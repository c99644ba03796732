// The same run read twice is not a second seed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderReport } from "../src/report/html.js";
import { repeats } from "../src/report/repeats.js";
import { tableRows } from "../src/report/table.js";
import { ferret } from "./command.js";
import { workplace } from "./datasets-encode.js";
import { record } from "./samples.js";

const { folder } = workplace();

const runs = [record({ seed: 0, oacc: 60 }), record({ seed: 1, oacc: 70 })];
/** Made again: only what the machine adds is another. */
const again = record({ seed: 0, oacc: 60, wallTime: 77, throughput: 1, gitRevision: "abc" });
const once =
  "1 of 3 records repeats a run that is already there, with the same setting, seed and result; " +
  "each run counts once";

describe("records that come twice", () => {
  it("count once: in means, errors and pages", () => {
    const rows = tableRows(runs);
    // Mean 65; standard error |70 - 60| / 2 = 5, of two seeds and no more.
    expect(rows[1]?.[1]).toBe("65.00 ± 5.00");
    expect(tableRows([...runs, ...runs])).toEqual(rows);
    expect(tableRows([...runs, again])).toEqual(rows);
    expect(tableRows([runs[0] as (typeof runs)[0], again])[1]?.[1]).toBe("60.00");
    const page = renderReport([...runs, again], { title: "x" });
    expect(page).toContain(once);
    expect(page).toContain("65.00 ± 5.00");
  });

  it("are told of, and so are other results of one seed", () => {
    expect(repeats(runs)).toEqual([]);
    expect(repeats([...runs, again])).toEqual([once]);
    expect(repeats([...runs, record({ seed: 0, oacc: 61 })])).toEqual([
      "Ferret M+ has 2 different results for seed 0; means and errors count them as separate " +
        "runs, but they are not additional seeds",
    ]);
  });

  it("are no repetition where something was asked that is another", () => {
    const own = record({ label: "Ferret" });
    for (const change of [
      { scale: "running" },
      { labelDelay: 3 },
      { items: 5 },
      { engine: "threads" },
    ] as const) {
      const both = [own, record({ label: "Ferret", ...change })];
      expect(repeats(both)).toEqual([]);
      expect(tableRows(both).length).toBe(3);
    }
  });

  it("from one folder given twice are said by the command", async () => {
    const text = runs.map((run) => `${JSON.stringify(run)}\n`).join("");
    writeFileSync(join(folder, "results.ndjson"), text);
    const words = ["report", folder, folder, "--out", join(folder, "page.html"), "--json"];
    const { code, stdout, stderr } = await ferret(words);
    expect([code, (JSON.parse(stdout) as unknown[]).length]).toEqual([0, 2]);
    expect(stderr).toContain("2 of 4 records repeat runs that are already there");
  });
});
