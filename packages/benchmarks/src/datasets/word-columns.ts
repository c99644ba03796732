/** What a feature that is a word is: an error, or a category, which gets a column of 0 and 1. */
export type WordRule = "one-hot" | "error";
export const wordRules = ["one-hot", "error"] as const;

/** The words of each column that holds such, by its field (from 0), in the order of their characters. */
export type Categories = ReadonlyMap<number, readonly string[]>;

/** The field of each feature column. */
export function fieldsOf(features: readonly number[], categories: Categories): number[] {
  return features.flatMap((field) => {
    const words = categories.get(field);
    return words ? words.map(() => field) : [field];
  });
}
