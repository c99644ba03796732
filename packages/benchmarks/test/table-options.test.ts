import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { defineDemo } from "../src/commands/demo.js";
import { defineExperiment } from "../src/commands/experiment.js";
import { defineProfile } from "../src/commands/profile.js";
import { defineRun } from "../src/commands/run.js";
import { dataLoader, readTableOptions } from "../src/commands/table-options.js";
import { inputError, inputErrorOf, workplace } from "./datasets-encode.js";

const { write } = workplace();

/** All commands below one. */
function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap((below) => all(below as Command))];
}

describe("options for tables", () => {
  it("are taken by every command that takes a data set", () => {
    const program = new Command();
    for (const define of [defineDemo, defineExperiment, defineProfile, defineRun]) define(program);
    const taking = all(program).filter(({ options }) =>
      options.some(({ long }) => long === "--dataset" || long === "--datasets"),
    );
    expect(taking.map((command) => command.name())).toEqual(
      expect.arrayContaining(["demo", "profile", "run", "forgetting", "pressure", "compensation"]),
    );
    for (const { options } of taking)
      expect(options.map(({ long }) => long)).toEqual(
        expect.arrayContaining(["--label", "--header", "--missing"]),
      );
  });

  it("are checked, with the nearest word", () => {
    expect(readTableOptions({ label: "kind", header: "no", missing: "drop" })).toEqual({
      label: "kind",
      header: "no",
      missing: "drop",
    });
    expect(readTableOptions({})).toEqual({});
    expect(inputError(() => readTableOptions({ header: "yse" }))).toMatch(/did you mean "yes"\?/);
    expect(inputError(() => readTableOptions({ missing: "skip" }))).toMatch(
      /drop, error for --mis/,
    );
    expect(inputError(() => readTableOptions({ label: " " }))).toMatch(/received an empty text/);
  });

  it("are for the files among several data sets, and refused where none is a file", async () => {
    const rows = Array.from({ length: 20 }, (_, row) => `${row % 2},${row}.5`).join("\n");
    const file = write("mixed.csv", rows);
    const load = dataLoader(["glyphs", file], { table: { label: "1" } });
    expect((await load(file, 0)).classNames).toEqual(["0", "1"]);
    expect((await load("glyphs", 0)).name).toBe("glyphs");
    const known = dataLoader(["glyphs"], { table: { label: "1" } });
    expect(await inputErrorOf(known("glyphs", 0))).toMatch(/--label but received glyphs/);
  });
});
