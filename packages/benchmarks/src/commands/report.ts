import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { readText } from "../files.js";
import { openPlaceOf } from "../folders.js";
import { parseRecords } from "../record.js";
import { distinctRuns } from "../report/distinct-runs.js";
import { renderRecords, writeReport } from "../report/html.js";
import { renderTable } from "../report/table.js";
import { warnings } from "../report/words.js";
import { recordsFile } from "../results.js";
import { assembleReport } from "../suite/report/assemble.js";
import { reportData } from "../suite/report/json.js";
import { renderText } from "../suite/report/text.js";
import { expectReportFiles, writeSuiteReport } from "../suite/report/write.js";
import { holdsRuns, readRuns } from "../suite/store.js";
import { announce, print } from "./output.js";
import { attempt } from "./troubles.js";

/** `ferret report`: table and charts of runs that were made before, in one page. */
export function defineReport(program: Command): void {
  program
    .command("report")
    .description(
      "compare the runs of one or several results.ndjson, or of a suite's folders, in tables and a page",
    )
    .argument(
      "<results...>",
      "folders that hold a results.ndjson, or such files, or a suite's folders",
    )
    .option("--out <file>", "the page to write", "report.html")
    .option(
      "--json",
      "print the records as one JSON array, or the tables of a suite, and nothing else",
    )
    .addHelpText(
      "after",
      "\nExample:\n  ferret report results/er results/vanilla --out compare.html\n",
    )
    .action((sources: string[], raw: { out: string; json?: boolean }) => {
      openPlaceOf(raw.out, "--out");
      const absent = sources.find((source) => !existsSync(source));
      if (absent !== undefined)
        throw new InputError(
          `Expected folders or files of results but ${absent} does not exist; name those that a command has written`,
        );
      const suites = sources.filter(holdsRuns);
      const empty = sources.find(
        (source) =>
          statSync(source).isDirectory() &&
          !suites.includes(source) &&
          !existsSync(join(source, recordsFile)),
      );
      if (empty !== undefined)
        throw new InputError(
          `Expected ${recordsFile}, or the runs of a suite, in ${empty} but it has neither; name a folder that a ` +
            "command has written with --out",
        );
      if (suites.length === sources.length) {
        reportSuites(suites, raw);
        return;
      }
      if (suites.length > 0)
        throw new InputError(
          `Expected folders of a suite, or results of single runs, but received both: ${suites.join(", ")} ` +
            `${suites.length === 1 ? "is a suite's" : "are a suite's"}; report them one after the other`,
        );
      const files = sources.map((source) =>
        basename(source).endsWith("json") ? source : join(source, recordsFile),
      );
      const read = files.flatMap((file) =>
        parseRecords(readText(file, "result records"), file, (damage) => announce([damage])),
      );
      const records = distinctRuns(read);
      if (records.length === 0)
        throw new InputError(
          `Expected at least one result record in ${files.join(", ")} but found none; ` +
            "write some with ferret run --out",
        );
      if (attempt(() => writeReport(raw.out, renderRecords(read))))
        announce([`charts in ${raw.out}`]);
      announce(warnings(read));
      print(raw.json ? JSON.stringify(records) : renderTable(records));
    });
}

/** One report of the folders of a suite, such as those of its shards: a run that several have counts once. */
function reportSuites(
  folders: readonly string[],
  { out, json }: { out: string; json?: boolean },
): void {
  expectReportFiles(dirname(out));
  const runs = folders.flatMap((folder) => readRuns(folder, (damage) => announce([damage])));
  const report = assembleReport(runs);
  if (report.records.length === 0)
    throw new InputError(
      `Expected at least one finished run in ${folders.join(", ")} but found none; make some with ferret suite --out`,
    );
  if (attempt(() => writeSuiteReport(report, dirname(out), out)))
    announce([`page in ${out}, tables beside it`]);
  print(json ? JSON.stringify(reportData(report)) : renderText(report));
}
