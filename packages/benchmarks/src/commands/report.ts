import { basename, join } from "node:path";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { readText } from "../files.js";
import { openPlaceOf } from "../folders.js";
import { parseRecords } from "../record.js";
import { distinctRuns } from "../report/distinct-runs.js";
import { renderRecords, writeReport } from "../report/html.js";
import { renderTable } from "../report/table.js";
import { warnings } from "../report/words.js";
import { announce, print } from "./output.js";
import { attempt } from "./troubles.js";

/** `ferret report`: table and charts of runs that were made before, in one page. */
export function defineReport(program: Command): void {
  program
    .command("report")
    .description("compare the runs of one or several results.ndjson in a table and a page")
    .argument("<results...>", "folders that hold a results.ndjson, or such files")
    .option("--out <file>", "the page to write", "report.html")
    .option("--json", "print the records as one JSON array and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret report results/er results/vanilla --out compare.html\n",
    )
    .action((sources: string[], raw: { out: string; json?: boolean }) => {
      openPlaceOf(raw.out, "--out");
      const files = sources.map((source) =>
        basename(source).endsWith("json") ? source : join(source, "results.ndjson"),
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
