import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { printable } from "../src/printable.js";
import { renderReport } from "../src/report/html.js";
import { renderTable } from "../src/report/table.js";
import { complaints, ferret } from "./command.js";
import { workplace } from "./datasets-encode.js";
import { record } from "./samples.js";

const { folder, write } = workplace();
const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** What steers a terminal: C0 and C1 without the end of a line, DEL, and turned text. */
const steering = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

describe("the installed command", () => {
  it("is a file that is there before anything is built, may be run, and tells its version", () => {
    const file = join(root, manifest.bin.ferret);
    expect(manifest.files).toContain(manifest.bin.ferret.split("/")[1]);
    expect(file).not.toContain("dist");
    expect(statSync(file).mode & 0o111).toBe(0o111);
    expect(execFileSync(file, ["--version"], { encoding: "utf8" })).toBe(`${manifest.version}\n`);
  });
});

describe("a control character", () => {
  const ugly = "\u001b[31mred\u0007\u009b2J\u202e\u007f";

  it("is written out in text, and JSON reads it back", () => {
    expect(printable(ugly)).toBe("\\u001b[31mred\\u0007\\u009b2J\\u202e\\u007f");
    expect(JSON.parse(`"${printable(ugly)}"`)).toBe(ugly);
    expect(printable("a\nb\tc", "\n")).toBe("a\nb\\u0009c");
    expect(printable("naïve 漢字 ± 🙂")).toBe("naïve 漢字 ± 🙂");
  });

  it("of a label reaches neither the table nor the page", () => {
    const records = ["label", "dataset", "model", "setting", "algorithm", "order"].map(
      (field, seed) => record({ seed, [field]: `${record()[field as "label"]}${ugly}` }),
    );
    expect(renderTable(records)).not.toMatch(steering);
    expect(renderReport(records, { title: ugly })).not.toMatch(steering);
  });

  it("of a file or an option reaches no terminal", async () => {
    const results = JSON.stringify(record({ label: ugly, dataset: ugly, setting: ugly }));
    write("ugly.ndjson", `${results}\n`);
    for (const words of [
      ["report", "ugly.ndjson"],
      ["report", "ugly.ndjson", "--json"],
      ["report", `${ugly}.ndjson`],
      ["run", "--dataset", ugly],
      ["run", `--${ugly}`],
      [ugly],
    ]) {
      const { stdout, stderr } = await ferret(words, { cwd: folder });
      expect(stdout + stderr).not.toMatch(steering);
      expect(stdout + stderr).toContain("\\u001b[31mred");
    }
  });
});

describe("ferret report", () => {
  it("refuses an accuracy that is none, with the line and the field", async () => {
    write(
      "wrong.ndjson",
      `${JSON.stringify(record())}\n${JSON.stringify({ ...record(), oacc: 140 })}`,
    );
    const report = await ferret(["report", "wrong.ndjson"], { cwd: folder });
    expect([report.code, report.stdout]).toEqual([2, ""]);
    expect(complaints(report)).toEqual([
      expect.stringMatching(
        /line 2 of wrong\.ndjson but oacc is wrong \(.*100.*\); remove that line/,
      ),
    ]);
  });
});
