import { InputError } from "../errors.js";
import { readTable, type Table } from "./csv.js";

/**
 * Reads the NOAA weather data of Elwell and Polikar (2011): eight daily measurements a line in one
 * file, 1 (rain) or 0 (no rain) a line in another, in the order of the days.
 *
 * @throws InputError when the files differ in length or a label is neither, beside what `readTable`
 *   refuses.
 */
export async function readWeather(featureFile: string, labelFile: string): Promise<Table> {
  const features = await readTable(featureFile, { label: null });
  const { rows, labels, labelNames, labelLines } = await readTable(labelFile);
  if (rows !== features.rows)
    throw new InputError(
      `Expected ${features.rows} labels in ${labelFile}, one for each line of ${featureFile}, but ` +
        `found ${rows}; fetch both files again`,
    );
  const wrong = labelNames.findIndex((label) => label !== "0" && label !== "1");
  if (wrong >= 0)
    throw new InputError(
      `Expected 0 (no rain) or 1 (rain) in line ${labelLines[wrong]} of ${labelFile} but found ` +
        `"${labelNames[wrong]}"; fetch the file again`,
    );
  return { ...features, labels, labelNames, labelLines };
}
