import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Batch,
  type ChoiceRule,
  type ComposedBatch,
  drawn,
  newest,
} from "../../src/engine.js";
import { createLearner, crossEntropy, lottery, numbered } from "./one-stage-run.js";

interface Run {
  readonly sizes: { readonly waiting: number; readonly atOnce: number };
  readonly items: number;
  /** Intervals that learning 1, 2, .. N items takes. */
  readonly times: readonly number[];
}

/** The batches by what happened before the next item was predicted, and the counts at the end. */
interface Course {
  /** By item: batches taken in, and those whose step had its effect, before it was predicted. */
  readonly taken: readonly number[];
  readonly effective: readonly number[];
  readonly batches: readonly (readonly number[])[];
  readonly mostLatency: number;
}

/** The learner as it is, watched by an algorithm that notes what it is handed. */
function watch({ sizes, items, times }: Run, rule: ChoiceRule) {
  const batches: number[][] = [];
  const plain = crossEntropy(sizes.atOnce);
  const algorithm = {
    ...plain,
    compose(item: Batch, target: ComposedBatch) {
      batches.push(Array.from({ length: item.size }, (_, sample) => item.x[2 * sample] as number));
      return plain.compose(item, target);
    },
  };
  const admission = { kind: "batch-skip", ...sizes, rule } as const;
  const learner = createLearner(admission, algorithm, { batch: 1, times });
  const effects = () => learner.metrics().updates[0] as number;
  const taken: number[] = [];
  const effective: number[] = [];
  for (let item = 0; item < items; item++) {
    learner.observe(numbered(item));
    taken.push(batches.length);
    effective.push(effects());
  }
  learner.finish();
  const { admitted, dropped, latency, staleness } = learner.metrics();
  const result = { taken, effective, batches, effects: effects() };
  learner.dispose();
  return { ...result, admitted, dropped, latency, staleness };
}

/** The same told tick by tick; `pick` says which of the waiting items a batch takes. */
function replay(
  { sizes, items, times }: Run,
  pick: (waiting: readonly number[], count: number, batch: number) => readonly number[],
): Course {
  let waiting: number[] = [];
  let ends = -1;
  let effects = 0;
  let mostLatency = 0;
  const [taken, effective, batches]: [number[], number[], (readonly number[])[]] = [[], [], []];
  for (let now = 0; now < items; now++) {
    if (now === ends) {
      effects++;
      ends = -1;
    }
    effective.push(effects);
    waiting.push(now);
    if (waiting.length > sizes.waiting) waiting.shift();
    if (ends === -1) {
      const batch = pick(waiting, Math.min(sizes.atOnce, waiting.length), batches.length);
      batches.push(batch);
      waiting = waiting.filter((item) => !batch.includes(item));
      ends = now + (times[batch.length - 1] as number);
      for (const item of batch) mostLatency = Math.max(mostLatency, ends - item);
    }
    taken.push(batches.length);
  }
  return { taken, effective, batches, mostLatency };
}

/** Whole intervals, so that nothing happens between two ticks. */
const runs = fc
  .record({
    waiting: fc.integer({ min: 1, max: 9 }),
    atOnce: fc.integer({ min: 1, max: 5 }),
    items: fc.integer({ min: 1, max: 60 }),
    pressure: fc.integer({ min: 1, max: 6 }),
    overhead: fc.integer({ min: 0, max: 3 }),
  })
  .map(
    ({ waiting, atOnce, items, pressure, overhead }): Run => ({
      sizes: { waiting, atOnce: Math.min(atOnce, waiting) },
      items,
      times: Array.from({ length: atOnce }, (_, index) => overhead + pressure * (index + 1)),
    }),
  );

describe("batch skip", () => {
  it("Last-N learns the newest, when a simulation tick by tick does", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const told = replay(run, (waiting, count) => waiting.slice(-count).reverse());
        const seen = watch(run, newest);
        const { taken, effective, batches } = seen;
        expect({ taken, effective, batches }).toEqual({
          taken: told.taken,
          effective: told.effective,
          batches: told.batches,
        });
        const learned = batches.flat().length;
        expect([seen.admitted, seen.dropped]).toEqual([learned, run.items - learned]);
        expect(seen.latency.max).toBe(told.mostLatency);
        // What was begun has its effect, every gradient fresh.
        expect(seen.staleness).toEqual([[seen.effects]]);
        expect(seen.effects).toBe(batches.length);
      }),
      { numRuns: 60 },
    );
  });

  it("Random-N learns at the same times, always of what waits, nothing twice", () => {
    fc.assert(
      fc.property(runs, fc.nat(), (run, seed) => {
        const { taken, effective, batches } = watch(run, drawn(lottery(seed)));
        const told = replay(run, (waiting, count, batch) => {
          const own = batches[batch] as number[];
          expect(own).toHaveLength(count);
          for (const item of own) expect(waiting).toContain(item);
          return own;
        });
        expect({ taken, effective }).toEqual({ taken: told.taken, effective: told.effective });
        expect(new Set(batches.flat()).size).toBe(batches.flat().length);
      }),
      { numRuns: 60 },
    );
  });

  it("Random-N takes every one of the items that wait equally often", () => {
    // At pressure 8 the batches but for the first are 4 of the 8 newest: how old, of those taken?
    const sizes = { waiting: 8, atOnce: 4 };
    const run = { sizes, items: 32_000, times: [8, 16, 24, 32] };
    const { batches } = watch(run, drawn(lottery(1)));
    const ages = new Array<number>(8).fill(0);
    batches.slice(1).forEach((batch, index) => {
      for (const item of batch) ages[8 + 32 * index - item]!++;
    });
    const expected = (batches.length - 1) / 2;
    // 5 standard deviations of a share of one half.
    for (const count of ages)
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(batches.length / 4));
  });

  it("learns an item as soon as it comes where there is time", () => {
    const run = { sizes: { waiting: 8, atOnce: 4 }, items: 9, times: [1, 2, 3, 4] };
    const { batches, dropped, latency } = watch(run, newest);
    expect(batches).toEqual([[0], [1], [2], [3], [4], [5], [6], [7], [8]]);
    expect([dropped, latency.max]).toEqual([0, 1]);
    expect(latency.p50).toBeCloseTo(1, 1);
  });

  it.each([4, 8, 16, 32])("at pressure %i drops as many as the closed form says", (pressure) => {
    // Item 0 alone for p intervals, then 4 at a time for 4 p, each batch begun in the stream's time.
    for (const items of [1, 33, 500, 1001]) {
      const times = [1, 2, 3, 4].map((count) => count * pressure);
      const { admitted } = watch({ sizes: { waiting: 8, atOnce: 4 }, items, times }, newest);
      const batches =
        items <= pressure ? 0 : Math.floor((items - 1 - pressure) / (4 * pressure)) + 1;
      expect(admitted).toBe(1 + 4 * batches);
    }
  });
});
