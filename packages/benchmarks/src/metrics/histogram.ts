/**
 * Histograms of whole numbers as runs give them: `counts[value]` says how often the value came
 * (such as gradients by staleness).
 */
export type Counts = readonly number[];

export function countTotal(counts: Counts): number {
  let total = 0;
  for (let value = 0; value < counts.length; value++) total += counts[value]!;
  return total;
}

/** One histogram of several runs. */
export function addCounts(histograms: readonly Counts[]): number[] {
  const length = histograms.reduce((most, counts) => Math.max(most, counts.length), 0);
  return Array.from({ length }, (_, value) =>
    histograms.reduce((total, counts) => total + (counts[value] ?? 0), 0),
  );
}
