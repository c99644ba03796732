import type { Command } from "commander";
import { headerRules } from "../datasets/column-names.js";
import type { Dataset } from "../datasets/contract.js";
import { missingRules } from "../datasets/missing.js";
import type { ReadOptions } from "../datasets/read-options.js";
import { isNamedDataset, loadDataset } from "../datasets/registry.js";
import { wordRules } from "../datasets/word-columns.js";
import { InputError } from "../errors.js";
import { readMeaning, withMeaning } from "../meaning.js";
import { parseName } from "../parse.js";
import { announce } from "./output.js";

/** Options that say how a CSV file is read. */
export function withTableOptions(command: Command): Command {
  return command
    .option(
      "--label <name|number>",
      "column of a table that holds the class (default: the last; of Parquet: label)",
    )
    .option(
      "--header <yes|no|auto>",
      "whether a CSV file's first line names the columns (default: auto, decided from the " +
        "whole file)",
    )
    .option(
      "--missing <drop|error>",
      "what to do about a missing value in a table: leave out its line, or stop (default: " +
        "error)",
    )
    .option(
      "--words <one-hot|error>",
      "what to do about words among a CSV file's features: take them as categories, or stop " +
        "(default: error)",
    )
    .option("--image-size <pixels>", "resize JPEGs and PNGs, such as 32 or 32x48 (height x width)");
}

/** Reads the options above; throws InputError. */
export function readTableOptions(raw: object): ReadOptions {
  const { label, header, missing, words, imageSize } = raw as Readonly<
    Record<string, string | undefined>
  >;
  if (label?.trim() === "")
    throw new InputError(
      "Expected a column's name or number for --label but received an empty text",
    );
  return {
    ...(label === undefined ? {} : { label }),
    ...(header === undefined ? {} : { header: parseName(header, "--header", headerRules) }),
    ...(missing === undefined ? {} : { missing: parseName(missing, "--missing", missingRules) }),
    ...(words === undefined ? {} : { words: parseName(words, "--words", wordRules) }),
    ...(imageSize === undefined ? {} : { imageSize: parseImageSize(imageSize) }),
  };
}

/** The largest edge that images are resized to. */
const mostPixels = 4_096;

/** `32` or `32x48` */
function parseImageSize(text: string): readonly [number, number] {
  const [, height = "", width = height] = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(text.trim()) ?? [];
  const size = [Number(height), Number(width)] as const;
  if (height !== "" && size.every((edge) => edge >= 1 && edge <= mostPixels)) return size;
  throw new InputError(
    `Expected a size in pixels from 1 to ${mostPixels} for --image-size, such as 32 or 32x48, but received ` +
      `"${text}"`,
  );
}

/** What `dataLoader` is told about a command's options. */
interface LoaderSetting {
  readonly dataDir?: string | undefined;
  readonly table?: ReadOptions | undefined;
  /** Where the weights come from that a run begins with; what was saved with them holds. */
  readonly model?: string | undefined;
  readonly weights?: string | undefined;
  /** In the order of the data the end of a series is held out for the test. */
  readonly order?: string | undefined;
  /** Whether the order is the default. */
  readonly isUsualOrder?: boolean | undefined;
}

/**
 * What loads the data sets of a command, and tells what is to be known of each, once.
 * @param names all data sets of the command; the options for tables are for those that are files.
 */
export function dataLoader(
  names: readonly string[],
  { dataDir, table = {}, order, isUsualOrder = false, ...begin }: LoaderSetting,
): (name: string, seed: number) => Promise<Dataset> {
  const told = new Set<string>();
  const onNotice = (line: string) => {
    if (!told.has(line)) announce([line]);
    told.add(line);
  };
  const hasTable = names.some((name) => !isNamedDataset(name));
  const meaning = readMeaning(begin);
  return async (name, seed) => {
    const loaded = await loadDataset(name, {
      dataDir,
      seed,
      fromEnd: order === "given",
      onNotice,
      // Where a command has no table at all, the data set refuses them.
      ...(hasTable && isNamedDataset(name) ? {} : table),
    });
    const dataset = { ...loaded, onNotice };
    if (isUsualOrder && order === "iid" && dataset.origin?.files === "table")
      onNotice(`${dataset.name}: rows are taken in random order; --order given keeps the file's`);
    return meaning ? withMeaning(dataset, meaning) : dataset;
  };
}
