import type { LabelledData } from "../datasets/contract.js";
import { Random, shuffle } from "../random.js";

/** Word of the seed: the order of the classes. */
const classWord = 0x200;

/** The samples of some classes. */
export interface ClassGroup {
  readonly classes: readonly number[];
  readonly samples: Uint32Array;
}

/** Groups of a class-incremental stream: pairs up to 20 classes, ten groups above; at least two. */
export function taskCount(classes: number): number {
  return Math.max(2, Math.min(Math.ceil(classes / 2), 10));
}

/**
 * The classes in random order, in groups of about the same number of classes; labels stay those of
 * the data set. Ten classes make 5 groups of 2, a hundred 10 groups of 10, see `taskCount`. Groups
 * without a sample are left out.
 */
export function classGroups(data: LabelledData, seed: number): ClassGroup[] {
  const classes = Array.from({ length: data.classes }, (_, index) => index);
  shuffle(classes, new Random(seed, classWord));
  const count = taskCount(data.classes);
  const groupOf = new Map(
    classes.map((label, place) => [label, Math.floor((place * count) / data.classes)]),
  );
  const groups = Array.from({ length: count }, (): number[] => []);
  for (let index = 0; index < data.count; index++)
    groups[groupOf.get(data.label(index)) as number]?.push(index);
  return groups
    .filter((samples) => samples.length > 0)
    .map((samples) => ({
      classes: [...new Set(samples.map((sample) => data.label(sample)))].sort((a, b) => a - b),
      samples: Uint32Array.from(samples),
    }));
}

/** Shares `total` out in proportion to the weights, rounded so that the sum stays `total`. */
export function share(total: number, weights: readonly number[]): number[] {
  const whole = sum(weights);
  let weightBefore = 0;
  return weights.map((weight) => {
    const from = Math.round((total * weightBefore) / whole);
    weightBefore += weight;
    return Math.round((total * weightBefore) / whole) - from;
  });
}

/**
 * The same, but to none more than `most` of it, which sum up to `total` or more: what is too much for
 * some goes to the first ones that have room.
 */
export function shareWithin(
  total: number,
  weights: readonly number[],
  most: readonly number[],
): number[] {
  const shares = share(total, weights).map((part, place) => Math.min(part, most[place] as number));
  let left = total - sum(shares);
  return shares.map((part, place) => {
    const more = Math.min(left, (most[place] as number) - part);
    left -= more;
    return part + more;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Where stretches of these lengths begin, one after the other, and where the last one ends. */
export function startsOf(lengths: readonly number[]): number[] {
  const starts = [0];
  for (const length of lengths) starts.push((starts.at(-1) as number) + length);
  return starts;
}

/** The stretch that a position lies in. */
export function stretchAt(starts: readonly number[], position: number): number {
  let stretch = 0;
  while (stretch < starts.length - 2 && position >= (starts[stretch + 1] as number)) stretch++;
  return stretch;
}
