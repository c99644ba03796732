import fc from "fast-check";
import type { Dataset, LabelledData } from "../src/datasets/contract.js";
import type { Stream } from "../src/streams/contract.js";

/** Samples that say who they are: x holds the index, and the label is given. */
export function indexed(labels: readonly number[], classes: number): Dataset {
  const train: LabelledData = {
    count: labels.length,
    classes,
    inputShape: [1, 2],
    read: (index, x, offset) => {
      x[offset] = index;
      x[offset + 1] = -index;
    },
    label: (index) => labels[index]!,
  };
  return { name: "indexed", train, test: train };
}

/** Enough passes for so many items of any order, whatever rounding takes away. */
export const plenty = 1_000;

/** A thousand samples of ten classes, taking turns. */
export const balanced = () =>
  indexed(
    Array.from({ length: 1_000 }, (_, index) => index % 10),
    10,
  );

/** Indices and labels of all items. */
export function readAll(stream: Stream) {
  const x = new Float32Array(stream.batch * stream.inputLength);
  const labels = new Int32Array(stream.batch);
  return Array.from({ length: stream.itemCount }, (_, item) => {
    stream.readItem(item, x, labels);
    return { indices: [...x].filter((_, at) => at % 2 === 0), labels: [...labels] };
  });
}

export const anyData = fc
  .record({ classes: fc.integer({ min: 2, max: 25 }), count: fc.integer({ min: 1, max: 120 }) })
  .chain(({ classes, count }) =>
    fc.record({
      classes: fc.constant(classes),
      labels: fc.array(fc.integer({ min: 0, max: classes - 1 }), {
        minLength: count,
        maxLength: count,
      }),
      batch: fc.integer({ min: 1, max: 20 }),
      items: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
      passes: fc.integer({ min: 1, max: 4 }),
      seed: fc.integer(),
    }),
  );
