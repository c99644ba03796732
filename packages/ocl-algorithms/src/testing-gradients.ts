import type { ComposedBatch, OclAlgorithm } from "./contract.js";
import { crossEntropyOf, softmaxCrossEntropy } from "./loss/cross-entropy.js";
import { type AlgorithmCheck, attached, long, near } from "./testing-check.js";
import { emptyBatch, ToyRun, toyAlgorithmShape, toyItem } from "./toy-run.js";

const { classes } = toyAlgorithmShape;
/** A power of two, so that steps of logits of a few units are exact enough in single precision. */
const step = 2 ** -7;

/** Logits of a few units that favour no class. */
function someLogits(size: number): Float32Array {
  return Float32Array.from({ length: size * classes }, (_, index) => 2 * Math.sin(5 * index + 1));
}

/** Central differences of the loss at every logit. */
function differences(
  algorithm: OclAlgorithm,
  logits: Float32Array,
  batch: ComposedBatch,
): number[] {
  const unused = new Float32Array(logits.length);
  return Array.from(logits, (value, index) => {
    const lossAt = (moved: number) => {
      const around = logits.slice();
      around[index] = moved;
      return algorithm.loss(around, batch, unused);
    };
    return (lossAt(value + step) - lossAt(value - step)) / (2 * step);
  });
}

/** What the gradients of losses and penalties keep to, by finite differences and closed forms. */
export const gradientChecks: readonly AlgorithmCheck[] = [
  {
    claim: "the gradient of the loss is what finite differences give",
    run(make) {
      const algorithm = make(toyAlgorithmShape, { seed: 12 });
      const run = new ToyRun(algorithm);
      let played = 0;
      for (const items of [1, 2, long]) {
        run.play(played, items);
        played = items + 1;
        const batch = emptyBatch(algorithm);
        batch.size = algorithm.compose(toyItem(items), batch);
        const logits = someLogits(batch.size);
        // What was there before must not shine through.
        const gradient = new Float32Array(logits.length).fill(1e3);
        algorithm.loss(logits, batch, gradient);
        near("a gradient", [...gradient], differences(algorithm, logits, batch), 0.005);
      }
    },
  },
  {
    claim: "the first item, with no past to keep, is learned by its mean cross entropy",
    run(make) {
      const algorithm = attached(make(toyAlgorithmShape, { seed: 12 }));
      const batch = emptyBatch(algorithm);
      const { labels, size } = toyItem(0);
      batch.size = algorithm.compose(toyItem(0), batch);
      const logits = someLogits(size);
      const [gradient, expected] = [
        new Float32Array(logits.length),
        new Float32Array(logits.length),
      ];
      const loss = algorithm.loss(logits, batch, gradient);
      let mean = 0;
      for (let sample = 0; sample < size; sample++)
        mean += crossEntropyOf(logits, sample, labels[sample] as number, classes) / size;
      near("a loss", [loss], [mean], 1e-5);
      softmaxCrossEntropy(logits, labels, size, classes, expected);
      near("a gradient", [...gradient], [...expected], 1e-5);
    },
  },
  {
    claim: "a penalty is added to the gradient, and is the same by parts as in one",
    run(make) {
      const algorithm = make(toyAlgorithmShape, { seed: 12 });
      const { model } = new ToyRun(algorithm).play(0, long);
      if (!algorithm.regularise) return;
      const { length } = model.parameters;
      // Away from wherever an anchor may lie.
      const parameters = model.parameters.map((value, index) => value + Math.cos(3 * index) / 2);
      const before = Float32Array.from({ length }, (_, index) => Math.sin(7 * index));
      const addTo = (start: Float32Array, cuts: readonly number[]) => {
        const gradient = start.slice();
        cuts.forEach((begin, part) => {
          const end = cuts[part + 1] ?? length;
          const piece = gradient.subarray(begin, end);
          algorithm.regularise?.(begin, piece, parameters.subarray(begin, end));
        });
        return gradient;
      };
      const whole = addTo(new Float32Array(length), [0]);
      const parts = addTo(new Float32Array(length), [0, 3, model.secondLayer]);
      near("a penalty's gradient by parts", [...parts], [...whole], 1e-6);
      const onTop = addTo(before, [0]).map((value, index) => value - (before[index] as number));
      near("a penalty's gradient on top of another", [...onTop], [...whole], 1e-4);
    },
  },
];
