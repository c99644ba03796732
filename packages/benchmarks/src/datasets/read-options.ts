import { InputError } from "../errors.js";
import type { TableOptions } from "./csv.js";
import type { ImageSize } from "./image-decoder.js";

/** How the files of a data set are read, where they leave that open. */
export interface ReadOptions extends TableOptions {
  /** Height and width that images are brought to. Default: as they are, or as the data set says. */
  readonly imageSize?: ImageSize | undefined;
}

/** The options by key, and as the command line has them. */
const flags = {
  label: "--label",
  header: "--header",
  missing: "--missing",
  words: "--words",
  imageSize: "--image-size",
} as const;

/**
 * Refuses options that a data set does not take, since they would do nothing.
 * @param taken those that it takes.
 * @throws InputError
 */
export function refuseOptions(
  taken: readonly (keyof ReadOptions)[],
  options: ReadOptions,
  { what, name }: { readonly what: string; readonly name: string },
): void {
  const keys = Object.keys(flags) as (keyof typeof flags)[];
  const given = keys.find((key) => options[key] !== undefined && !taken.includes(key));
  if (given === undefined) return;
  const wanted = given === "imageSize" ? "JPEGs or PNGs" : "a CSV file or a folder of them";
  throw new InputError(
    `Expected ${wanted} for --dataset with ${flags[given]} but received ${name}, ` +
      `${what === "known files" ? "whose files are known" : `which is ${what}`}; leave the option out`,
  );
}
