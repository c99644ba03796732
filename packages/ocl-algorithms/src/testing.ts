import type { AlgorithmShape, Allocate, Batch, ComposedBatch, OclAlgorithm } from "./contract.js";

/** Makes the algorithm under test for a shape; the seed and the allocator are the check's. */
export type MakeAlgorithm = (
  shape: AlgorithmShape,
  options: { seed: number; allocate?: Allocate },
) => OclAlgorithm;

/** One claim about an algorithm; `run` throws where it does not hold. */
export interface AlgorithmCheck {
  readonly claim: string;
  run(make: MakeAlgorithm): void;
}

const shape: AlgorithmShape = { batch: 4, inputLength: 3, classes: 5, parameterCount: 20 };

/**
 * What every algorithm must keep to. In a test of your own:
 *
 * ```ts
 * it.each(algorithmChecks)("$claim", ({ run }) => run(myAlgorithm));
 * ```
 */
export const algorithmChecks: readonly AlgorithmCheck[] = [
  {
    claim: "the same seed gives the same run",
    run(make) {
      same(play(make(shape, { seed: 5 }), 0, 40), play(make(shape, { seed: 5 }), 0, 40));
    },
  },
  {
    claim: "inputs are unchanged",
    run(make) {
      const algorithm = make(shape, { seed: 1 });
      for (let k = 0; k < 20; k++) {
        const item = itemAt(shape, k);
        algorithm.compose(item, emptyBatch(algorithm));
        same([...item.x, ...item.labels], [...itemAt(shape, k).x, ...itemAt(shape, k).labels]);
      }
    },
  },
  {
    claim: "the item itself is learned, first",
    run(make) {
      const algorithm = make(shape, { seed: 1 });
      for (let k = 0; k < 20; k++) {
        const target = emptyBatch(algorithm);
        const item = itemAt(shape, k);
        const size = algorithm.compose(item, target);
        if (size < item.size || size > algorithm.learnBatch)
          throw new Error(
            `Expected between ${item.size} and ${algorithm.learnBatch} samples but got ${size}`,
          );
        same([...target.x.subarray(0, item.x.length)], [...item.x]);
      }
    },
  },
  {
    claim: "memory reported is memory used",
    run(make) {
      const used = { replay: 0, algorithm: 0 };
      const algorithm = make(shape, {
        seed: 1,
        allocate(category, bytes) {
          used[category] += Math.ceil(bytes / 64) * 64;
          return new ArrayBuffer(bytes);
        },
      });
      play(algorithm, 0, 40);
      same(
        [algorithm.memoryBytes.replay, algorithm.memoryBytes.algorithm],
        [used.replay, used.algorithm],
      );
    },
  },
  {
    claim: "save and restore continue bit-identically",
    run(make) {
      const first = make(shape, { seed: 9 });
      play(first, 0, 200);
      const saved = structuredClone(first.save());
      const expected = play(first, 200, 240);
      const second = make(shape, { seed: 123 });
      second.restore(saved);
      same(play(second, 200, 240), expected);
    },
  },
  {
    claim: "batch 1 and an empty buffer work",
    run(make) {
      const small = { ...shape, batch: 1 };
      const algorithm = make(small, { seed: 2 });
      const size = algorithm.compose(itemAt(small, 0), emptyBatch(algorithm));
      if (size !== 1) throw new Error(`Expected the first item alone but ${size} samples came`);
      play(algorithm, 1, 10, small);
    },
  },
  {
    claim: "the loss is finite for large logits, and its gradient may overwrite them",
    run(make) {
      const algorithm = make(shape, { seed: 3 });
      const logits = Float32Array.from(
        { length: 20 },
        (_, index) => ((index * 37) % 11) * 30 - 150,
      );
      const batch = {
        labels: Int32Array.of(0, 1, 2, 3),
        targets: new Float32Array(4 * (algorithm.targetLength ?? 0)),
        size: 4,
      };
      const apart = new Float32Array(20);
      const loss = algorithm.loss(logits, batch, apart);
      const place = logits.slice();
      same([algorithm.loss(place, batch, place)], [loss]);
      same([...place], [...apart]);
      if (![loss, ...apart].every(Number.isFinite))
        throw new Error(`Expected a finite loss and gradient but got ${loss} and [${apart}]`);
    },
  },
];

function emptyBatch({ learnBatch, targetLength = 0 }: OclAlgorithm): ComposedBatch {
  return {
    x: new Float32Array(learnBatch * shape.inputLength),
    labels: new Int32Array(learnBatch),
    targets: new Float32Array(learnBatch * targetLength),
    size: 0,
  };
}

function itemAt({ batch, inputLength, classes }: AlgorithmShape, k: number): Batch {
  const x = Float32Array.from({ length: batch * inputLength }, (_, index) => k + index / 100);
  const labels = Int32Array.from({ length: batch }, (_, sample) => (k + sample) % classes);
  return { x, labels, size: batch };
}

/** All that an algorithm composes from items `from` to `to`. */
function play(algorithm: OclAlgorithm, from: number, to: number, like = shape): number[] {
  const composed: number[] = [];
  for (let k = from; k < to; k++) {
    const target = emptyBatch(algorithm);
    const size = algorithm.compose(itemAt(like, k), target);
    composed.push(size, ...target.x, ...target.labels);
  }
  return composed;
}

function same(actual: readonly number[], expected: readonly number[]): void {
  const at = expected.findIndex((value, index) => !Object.is(value, actual[index]));
  if (at >= 0 || actual.length !== expected.length)
    throw new Error(`Expected ${expected[at]} at ${at} but found ${actual[at]}`);
}
