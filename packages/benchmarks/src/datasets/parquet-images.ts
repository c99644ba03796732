import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import { type ImageSize, loadDecoder } from "./image-decoder.js";
import { Gathered, inOrder } from "./listed-images.js";
import { mostDecodedBytes, type PackedImages, packImages } from "./packed-images.js";
import { ParquetFile } from "./parquet.js";

/** How the images of Parquet files are read. */
export interface ParquetOptions {
  /** Name of the column that holds the class. */
  readonly label?: string | undefined;
  readonly size: ImageSize;
  readonly cacheDir?: string | undefined;
}

/** Labels beyond this are none. */
const mostClasses = 100_000;

/** Images of Parquet files. */
export interface ParquetImages extends PackedImages {
  readonly decoder: string;
}

/**
 * Reads the images of one split in one or more files (shards), which all have the same columns: an
 * image, encoded, and a label, an integer or a word. Where labels are words, `classNames` has them in
 * the order of their characters.
 *
 * @throws InputError as `ParquetFile` and the decoder do.
 */
export async function readParquetImages(
  files: readonly string[],
  { label, size, cacheDir }: ParquetOptions,
): Promise<ParquetImages> {
  const decoder = await loadDecoder();
  const packed = await packImages({
    files,
    reading: JSON.stringify(["parquet", decoder.version, size, label ?? null]),
    mostHeldBytes: mostDecodedBytes,
    cacheDir,
    async fill(open) {
      const gathered = new Gathered(open);
      const classNames = await namesOf(files, label);
      for (const path of files)
        await withFile(path, async (file) => {
          const nameOf = (row: number) => `row ${row + 1} of ${path}`;
          await inOrder(
            file.read(file.columns(label)),
            ({ image, row }) => decoder.decode(image, size, nameOf(row)),
            (image, { label: value, row }) =>
              gathered.take(image, labelOf(value, classNames, nameOf(row)), nameOf(row)),
          );
        });
      if (gathered.isEmpty)
        throw new InputError(`Expected images in ${files.join(", ")} but found no rows`);
      return classNames ? { classNames } : undefined;
    },
  });
  return { ...packed, decoder: decoder.version };
}

/** Names of the classes: those that a file tells, or all words among the labels; else null. */
async function namesOf(
  files: readonly string[],
  label: string | undefined,
): Promise<readonly string[] | null> {
  const words = new Set<string>();
  let told: readonly string[] | null = null;
  for (const path of files)
    await withFile(path, async (file) => {
      const columns = file.columns(label);
      told ??= columns.classNames;
      for (const value of await file.labelsOf(columns)) {
        const word = wordOf(value);
        if (word !== null) words.add(word);
      }
    });
  return words.size > 0 ? [...words].sort() : told;
}

async function withFile(path: string, use: (file: ParquetFile) => Promise<void>): Promise<void> {
  const file = await ParquetFile.open(path);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** A label that is a word, not a number. */
function wordOf(value: unknown): string | null {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return typeof value === "string" ? value : null;
}

/** A label as a class: integers as they are, words by the names. */
function labelOf(value: unknown, names: readonly string[] | null, name: string): number {
  const word = wordOf(value);
  if (word !== null) return names?.indexOf(word) ?? 0;
  const integer = typeof value === "bigint" ? Number(value) : value;
  const isClass = typeof integer === "number" && Number.isInteger(integer) && integer >= 0;
  if (isClass && integer < (names?.length ?? mostClasses)) return integer;
  throw new InputError(
    `Expected a class, an integer from 0 ${names ? `to ${names.length - 1}` : ""} or a word, in ${name} ` +
      `but found ${quoted(String(value))}; name the column that holds the class with --label`,
  );
}
