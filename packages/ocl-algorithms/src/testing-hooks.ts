import type { OclAlgorithm } from "./contract.js";
import { type AlgorithmCheck, allFinite, long, same } from "./testing-check.js";
import { emptyBatch, modelFor, ToyRun, toyAlgorithmShape, toyItem, toyOutputs } from "./toy-run.js";

const shape = toyAlgorithmShape;
const { batch, classes } = shape;

/** Own scores of the first samples of an item, written where its logits are not. */
function scoresOf(algorithm: OclAlgorithm, run: ToyRun, k: number, size = batch): number[] {
  const { x, labels } = toyItem(k);
  const outputs = toyOutputs(algorithm, run.model, { x, labels, size });
  const [logits, features] = [[...outputs.logits], [...outputs.features]];
  // What was there before must not shine through.
  const apart = new Float32Array(size * classes).fill(1e3);
  algorithm.predict?.(outputs, apart);
  same([...outputs.logits], logits);
  same([...outputs.features], features);
  algorithm.predict?.(outputs, outputs.logits);
  same([...outputs.logits], [...apart]);
  return [...apart];
}

/** What own predictions and whole gradients keep to; an algorithm without them passes. */
export const hookChecks: readonly AlgorithmCheck[] = [
  {
    claim: "a prediction of its own gives every sample a class, alone or in a batch",
    run(make) {
      const algorithm = make(shape, { seed: 31 });
      if (!algorithm.predict) return;
      const run = new ToyRun(algorithm);
      let played = 0;
      for (const items of [0, 1, 2, long]) {
        run.play(played, items);
        played = items;
        const scores = scoresOf(algorithm, run, items);
        for (let sample = 0; sample < batch; sample++) {
          const own = scores.slice(sample * classes, (sample + 1) * classes);
          if (!Number.isFinite(Math.max(...own)))
            throw new Error(
              `Expected scores that are numbers, one or more above -Infinity, but received ${own.join(", ")}`,
            );
        }
        same(scoresOf(algorithm, run, items, 1), scores.slice(0, classes));
      }
    },
  },
  {
    claim: "a prediction of its own changes nothing",
    run(make) {
      const parametersAfter = (predicts: boolean) => {
        const run = new ToyRun(make(shape, { seed: 32 }), { predicts }).play(0, long);
        return [...run.losses, ...run.model.parameters];
      };
      same(parametersAfter(true), parametersAfter(false));
    },
  },
  {
    claim: "a whole gradient stays finite, and nothing but it is changed",
    run(make) {
      const algorithm = make(shape, { seed: 34 });
      if (!algorithm.regulariseWhole) return;
      const run = new ToyRun(algorithm).play(0, long);
      const model = modelFor(algorithm, run.model);
      const target = emptyBatch(algorithm);
      algorithm.compose(toyItem(long), target);
      const { reference } = target;
      const parameters = run.model.parameters.slice();
      const seen = () => [...parameters, ...reference.x, ...reference.labels, reference.size];
      const before = seen();
      for (const scale of [0, 1e-3, 1, 1e6])
        for (const sign of [1, -1]) {
          const gradient = parameters.map((_, index) => sign * scale * Math.sin(7 * index));
          algorithm.regulariseWhole(gradient, parameters, { reference, model });
          allFinite([...gradient]);
        }
      same(seen(), before);
    },
  },
];
