import { AlgorithmState } from "./state.js";
import { type AlgorithmCheck, allFinite, attached, long, same } from "./testing-check.js";
import { gradientChecks } from "./testing-gradients.js";
import { hookChecks } from "./testing-hooks.js";
import { replayChecks } from "./testing-replay.js";
import { emptyBatch, sharedAllocators, ToyRun, toyAlgorithmShape, toyItem } from "./toy-run.js";

export type { AlgorithmCheck, MakeAlgorithm } from "./testing-check.js";
export { ToyModel, type ToyShape } from "./toy-model.js";

const shape = toyAlgorithmShape;

/**
 * The checks that every algorithm must pass. In your own test:
 *
 * ```ts
 * it.each(algorithmChecks)("$claim", ({ run }) => run(myAlgorithm));
 * ```
 */
export const algorithmChecks: readonly AlgorithmCheck[] = [
  {
    claim: "the same seed gives the same run",
    run(make) {
      const trace = () => new ToyRun(make(shape, { seed: 5 })).play(0, long).trace;
      same(trace(), trace());
    },
  },
  {
    claim: "inputs are unchanged",
    run(make) {
      const algorithm = attached(make(shape, { seed: 1 }));
      for (let k = 0; k < long; k++) {
        const item = toyItem(k);
        algorithm.compose(item, emptyBatch(algorithm));
        same([...item.x, ...item.labels, item.size], [...toyItem(k).x, ...toyItem(k).labels, 4]);
      }
    },
  },
  {
    claim: "the item itself is learned, first",
    run(make) {
      const algorithm = attached(make(shape, { seed: 1 }));
      for (let k = 0; k < long; k++) {
        const target = emptyBatch(algorithm);
        const item = toyItem(k);
        const size = algorithm.compose(item, target);
        if (!(size >= item.size && size <= algorithm.learnBatch))
          throw new Error(
            `Expected between ${item.size} and ${algorithm.learnBatch} samples but got ${size}`,
          );
        same([...target.x.subarray(0, item.x.length)], [...item.x]);
        same([...target.labels.subarray(0, item.size)], [...item.labels]);
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
      const reported = () => [algorithm.memoryBytes.replay, algorithm.memoryBytes.algorithm];
      // The plan counts what it reports before it has learned anything.
      const before = reported();
      new ToyRun(algorithm).play(0, long);
      same(before, [used.replay, used.algorithm]);
      same(reported(), before);
    },
  },
  {
    claim: "save and restore continue bit-identically",
    run(make) {
      const first = make(shape, { seed: 9 });
      const original = new ToyRun(first).play(0, long);
      const second = make(shape, { seed: 123 });
      const copy = new ToyRun(second);
      copy.model.parameters.set(original.model.parameters);
      second.restore(structuredClone(first.save()));
      const seen = original.trace.length;
      same(copy.play(long, 2 * long).trace, original.play(long, 2 * long).trace.slice(seen));
    },
  },
  {
    claim: "what was saved does not change when the run goes on",
    run(make) {
      const algorithm = make(shape, { seed: 9 });
      const run = new ToyRun(algorithm).play(0, long);
      const saved = algorithm.save();
      const then = [...saved];
      run.play(long, long + 40);
      same([...saved], then);
    },
  },
  {
    claim: "a damaged or a foreign state is refused, and changes nothing",
    run(make) {
      const algorithm = make(shape, { seed: 9 });
      new ToyRun(algorithm).play(0, long);
      const saved = algorithm.save();
      if (!(saved instanceof Uint8Array))
        throw new Error("Expected save() to give a Uint8Array; AlgorithmState writes one");
      const flipped = (at: number) => saved.map((byte, index) => (index === at ? byte ^ 1 : byte));
      const places = [0, 0.3, 0.6, 1].map((share) => Math.floor(share * (saved.length - 1)));
      const foreign = new AlgorithmState({ algorithm: "another", shape }, {}).save();
      for (const bad of [
        ...places.map(flipped),
        saved.slice(0, -1),
        foreign,
        JSON.parse(JSON.stringify(saved)) as Uint8Array,
      ]) {
        refuses(() => algorithm.restore(bad));
        same([...algorithm.save()], [...saved]);
      }
    },
  },
  {
    claim: "batch 1 and an empty buffer work",
    run(make) {
      const small = { ...shape, batch: 1 };
      const algorithm = attached(make(small, { seed: 2 }));
      const size = algorithm.compose(toyItem(0, 1), emptyBatch(algorithm));
      if (size !== 1) throw new Error(`Expected the first item alone but ${size} samples came`);
      allFinite(new ToyRun(make(small, { seed: 2 }), { batch: 1 }).play(0, long).trace);
    },
  },
  {
    claim: "a stale version is handled: items are composed and weights change before its loss",
    run(make) {
      learns(new ToyRun(make(shape, { seed: 4 }), { delay: 5 }).play(0, long).losses);
    },
  },
  {
    claim: "two objects over the same memory act as one",
    run(make) {
      const { first, again } = sharedAllocators();
      const algorithm = make(shape, { seed: 6, allocate: first });
      const learner = make(shape, { seed: 6, allocate: again });
      const apart = new ToyRun(algorithm, { learner, delay: 2 }).play(0, long);
      const alone = new ToyRun(make(shape, { seed: 6 }), { delay: 2 }).play(0, long);
      same(apart.trace, alone.trace);
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
      allFinite([loss, ...apart]);
    },
  },
  {
    claim: "the loss on a toy stream stays finite and falls",
    run(make) {
      learns(new ToyRun(make(shape, { seed: 8 })).play(0, long).losses);
    },
  },
  ...gradientChecks,
  ...replayChecks,
  ...hookChecks,
];

function refuses(attempt: () => void): void {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "FERRET_INPUT") return;
    throw error;
  }
  throw new Error("Expected an InputError but nothing was thrown");
}

function learns(losses: readonly number[]): void {
  allFinite(losses);
  const mean = (part: readonly number[]) => part.reduce((sum, each) => sum + each, 0) / part.length;
  const [early, late] = [mean(losses.slice(0, 20)), mean(losses.slice(-20))];
  if (late >= early)
    throw new Error(`Expected the loss to fall but it went from ${early} to ${late}`);
}
