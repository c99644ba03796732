import { InputError } from "../errors.js";
import { readTable, type Table } from "./csv.js";

/** Features of a sample: 10 numbers, 4 flags of wilderness areas, 40 of soil types. */
const featureCount = 54;

/** Cover types 1 .. 7, in the order of the file's labels. */
export const coverTypes = [
  "spruce/fir",
  "lodgepole pine",
  "ponderosa pine",
  "cottonwood/willow",
  "aspen",
  "Douglas-fir",
  "krummholz",
] as const;

/**
 * Reads Covertype as UCI gives it: text, plain or gzip, 54 features and the cover type (1 .. 7) a
 * line, with or without a header.
 *
 * @throws InputError for another number of columns or a label that is no cover type, beside what
 *   `readTable` refuses.
 */
export async function readCovertype(file: string): Promise<Table> {
  const table = await readTable(file);
  if (table.columns !== featureCount)
    throw new InputError(
      `Expected ${featureCount} features and a label a line in ${file} but found ` +
        `${table.columns + 1} fields; check that it is UCI's covtype.data`,
    );
  const wrong = table.labelNames.findIndex((label) => !/^[1-7]$/.test(label));
  if (wrong >= 0)
    throw new InputError(
      `Expected a cover type 1 to 7 at the end of line ${table.labelLines[wrong]} of ${file} but ` +
        `found "${table.labelNames[wrong]}"; correct or remove that line`,
    );
  return table;
}
