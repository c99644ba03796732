import type { Batch, OclAlgorithm } from "./contract.js";
import { type AlgorithmCheck, attached, long, type MakeAlgorithm } from "./testing-check.js";
import { emptyBatch, toyAlgorithmShape, toyItem } from "./toy-run.js";

const shape = toyAlgorithmShape;
const { batch, inputLength } = shape;

/** A sample that an algorithm learned again: its place in the stream, from 0. */
interface Replayed {
  readonly atItem: number;
  readonly sample: number;
}

const keyOf = (x: Float32Array, sample: number) =>
  x.subarray(sample * inputLength, (sample + 1) * inputLength).join();

/**
 * What is learned in addition to the items of a long run, or written to its reference, in order.
 * @throws Error if it is not a sample of an earlier item, or has another label.
 */
function replayOf(algorithm: OclAlgorithm): Replayed[] {
  attached(algorithm);
  const past = new Map<string, number>();
  const replayed: Replayed[] = [];
  for (let k = 0; k < long; k++) {
    const item = toyItem(k);
    const target = emptyBatch(algorithm);
    target.size = algorithm.compose(item, target);
    const places: [Batch, number][] = [];
    for (let place = item.size; place < target.size; place++) places.push([target, place]);
    const { reference } = target;
    for (let place = 0; place < reference.size; place++) places.push([reference, place]);
    for (const [{ x, labels }, place] of places) {
      const sample = past.get(keyOf(x, place));
      if (sample === undefined)
        throw new Error(`Expected samples of earlier items beside item ${k} but found another`);
      const label = toyItem(Math.floor(sample / batch)).labels[sample % batch];
      if (labels[place] !== label)
        throw new Error(`Expected label ${label} of a replayed sample but got ${labels[place]}`);
      replayed.push({ atItem: k, sample });
    }
    for (let sample = 0; sample < item.size; sample++)
      past.set(keyOf(item.x, sample), k * batch + sample);
  }
  return replayed;
}

/** An algorithm that holds samples of the past must replay them; others have nothing to show. */
function replaying(make: MakeAlgorithm, seed: number): Replayed[] | null {
  const algorithm = make(shape, { seed });
  const replayed = replayOf(algorithm);
  if (algorithm.memoryBytes.replay === 0 && replayed.length === 0) return null;
  return replayed;
}

/** Whether what is replayed is, item by item, no more than the newest samples: nothing is drawn. */
function isWindow(replayed: readonly Replayed[]): boolean {
  const byItem = new Map<number, Set<number>>();
  for (const { atItem, sample } of replayed)
    byItem.set(atItem, (byItem.get(atItem) ?? new Set()).add(sample));
  return [...byItem].every(
    ([item, samples]) => Math.min(...samples) >= item * batch - samples.size,
  );
}

/**
 * Checks of replay; an algorithm whose `memoryBytes.replay` is 0 and that replays nothing passes.
 */
export const replayChecks: readonly AlgorithmCheck[] = [
  {
    claim: "what is replayed came with an earlier item, with the label that it has there",
    run(make) {
      replaying(make, 21);
    },
  },
  {
    claim: "an algorithm with a replay buffer replays from it, to the end of the stream",
    run(make) {
      const replayed = replaying(make, 21);
      if (!replayed) return;
      const last = replayed.filter(({ atItem }) => atItem >= (3 / 4) * long);
      if (last.length < long / 4)
        throw new Error(
          `Expected a replayed sample or more beside each of the last ${long / 4} items but found ` +
            `${last.length} in all`,
        );
    },
  },
  {
    claim: "a replay buffer takes in the whole stream, not only its beginning",
    run(make) {
      const replayed = replaying(make, 21);
      if (!replayed) return;
      const distinct = new Set(replayed.map(({ sample }) => sample)).size;
      if (distinct <= 3 * batch)
        throw new Error(`Expected more than ${3 * batch} different samples but found ${distinct}`);
      const late = replayed.filter(
        ({ atItem, sample }) => atItem >= (3 / 4) * long && sample >= (batch * long) / 2,
      );
      if (late.length === 0)
        throw new Error("Expected samples of the stream's second half at its end but found none");
    },
  },
  {
    claim: "samples of one replay differ where the buffer holds enough",
    run(make) {
      const replayed = replaying(make, 21);
      if (!replayed) return;
      const last = replayed.filter(({ atItem }) => atItem >= long / 2);
      const distinct = new Set(last.map(({ atItem, sample }) => `${atItem}:${sample}`)).size;
      if (distinct < last.length / 2)
        throw new Error(
          `Expected mostly different samples in a replay but ${distinct} of ${last.length} were`,
        );
    },
  },
  {
    claim: "another seed replays other samples, unless all that is held is replayed",
    run(make) {
      const runs = [21, 22, 23].map((seed) => replaying(make, seed));
      const [first, ...others] = runs.map((replayed) => JSON.stringify(replayed));
      if (runs[0] === null || isWindow(runs[0] as Replayed[])) return;
      if (others.every((other) => other === first))
        throw new Error("Expected the seed to change what is replayed but it does not");
    },
  },
  {
    claim: "counts are whole numbers",
    run(make) {
      const algorithm = attached(make(shape, { seed: 1 }));
      const { learnBatch, targetLength = 0, modelBatch = 0, referenceBatch = 0 } = algorithm;
      const { memoryBytes } = algorithm;
      const counts = { learnBatch, targetLength, modelBatch, referenceBatch, ...memoryBytes };
      const expectWhole = (name: string, value: number) => {
        if (!Number.isSafeInteger(value) || value < 0)
          throw new Error(`Expected a whole number for ${name} but received ${value}`);
      };
      for (const [name, value] of Object.entries(counts)) expectWhole(name, value);
      if (learnBatch < batch)
        throw new Error(`Expected learnBatch of ${batch} or more but received ${learnBatch}`);
      for (let k = 0; k < long; k++) {
        const target = emptyBatch(algorithm);
        expectWhole("the size of a batch", algorithm.compose(toyItem(k), target));
        const { size } = target.reference;
        expectWhole("the size of its reference", size);
        if (size > referenceBatch)
          throw new Error(
            `Expected ${referenceBatch} samples of reference at most but found ${size}`,
          );
      }
    },
  },
];
