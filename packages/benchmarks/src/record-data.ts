import { z } from "zod";
import type { DataOrigin, Dataset } from "./datasets/contract.js";

const count = z.int().nonnegative();
const origins = [
  "drawn",
  "published",
  "unchecked",
  "other",
  "table",
  "images",
  "arrays",
] as const satisfies readonly [DataOrigin["files"], ...DataOrigin["files"][]];

/** Whose data a run saw. */
export const recordedData = z
  .object({
    /** See `DataOrigin`: whether these were the published files. */
    files: z.enum(origins),
    /** Samples of the splits. */
    train: count,
    test: count,
    classes: z.int().positive(),
    /** Of a table: name or number of the label's column, whether the first line names columns. */
    labelColumn: z.string().nullable(),
    header: z.boolean().nullable(),
    /** Lines of it that were left out since a value is missing. */
    dropped: count,
    /** Of JPEGs, PNGs and the like: what decoded them, with its version. */
    decoder: z.string().nullable().default(null),
  })
  .readonly();

/** What the record says about a data set; null for one that does not say where it comes from. */
export function recordData({ origin, train, test }: Dataset): z.infer<typeof recordedData> | null {
  if (!origin) return null;
  return {
    files: origin.files,
    train: train.count,
    test: test.count,
    classes: train.classes,
    labelColumn: origin.labelColumn ?? null,
    header: origin.header ?? null,
    dropped: origin.dropped ?? 0,
    decoder: origin.decoder ?? null,
  };
}
