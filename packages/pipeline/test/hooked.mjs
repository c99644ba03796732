import { createCrossEntropy } from "./cross-entropy.mjs";

/**
 * Learns the item itself, and predicts by a rule of its own; plain JavaScript, for threads import it.
 *
 * @param {"truth" | "none" | "nan" | "ruled out" | "finite" | "far"} mode `truth`: the class stands in the
 * first value of the layer "inputs"; `none`: no scores at all; `nan`; `ruled out`: the logits, but never
 * class 0; `finite`: throws where it is shown anything else; `far`: reads a layer that is not there.
 * @param {import("../src/engine.js").StreamShape} shape
 */
export function createOwn(mode, shape) {
  const { classes, layers } = shape;
  const layer = { truth: "inputs", far: "dense_9" }[mode];
  const length = (layers.find(({ name }) => name === layer) ?? layers.at(-2)).length;
  return {
    ...kept(shape),
    name: "own",
    features: layer === undefined ? {} : { layer },
    predict({ logits, features, size }, scores) {
      for (let sample = 0; sample < size; sample++)
        for (let label = 0; label < classes; label++) {
          const at = sample * classes + label;
          if (mode === "truth") scores[at] = features[sample * length] === label ? 0 : -3;
          if (mode === "none") scores[at] = Number.NEGATIVE_INFINITY;
          if (mode === "nan") scores[at] = Number.NaN;
          if (mode === "ruled out")
            scores[at] = label === 0 ? Number.NEGATIVE_INFINITY : logits[at];
          if (mode === "finite" && !Number.isFinite(logits[at] + features[sample * length]))
            throw new Error("shown what is not finite");
        }
    },
  };
}

/**
 * A-GEM whose memory is the item before: its gradient, where it would raise that item's loss, is
 * projected (Chaudhry et al. 2019, Eq. 11).
 *
 * @param {import("../src/engine.js").StreamShape} shape
 * @param {{ allocate?: (category: string, bytes: number) => ArrayBufferLike }} options
 */
export function createProjecting(shape, options) {
  const { batch, inputLength, parameterCount } = shape;
  const allocate = options.allocate ?? ((_, bytes) => new ArrayBuffer(bytes));
  const line = (/** @type {number} */ bytes) => Math.ceil(bytes / 64) * 64;
  const plain = kept(shape);
  const bytes = [4 * parameterCount, 4 * batch * inputLength, 4 * batch].map(line);
  const [first, second, third] = bytes.map((each) => allocate("algorithm", each));
  const away = new Float32Array(first, 0, parameterCount);
  const before = { x: new Float32Array(second), labels: new Int32Array(third), size: 0 };
  return {
    ...plain,
    name: "projecting",
    memoryBytes: { replay: 0, algorithm: bytes.reduce((sum, each) => sum + each) },
    referenceBatch: batch,
    modelBatch: batch,
    passes: { forward: 0, backward: batch },
    /** By update, where it is listened to: g · g_ref before and after, and |g_ref|². */
    products: /** @type {number[][]} */ ([]),
    compose(item, target) {
      target.reference.x.set(before.x.subarray(0, batch * inputLength));
      target.reference.labels.set(before.labels.subarray(0, batch));
      target.reference.size = before.size;
      before.x.set(item.x.subarray(0, item.size * inputLength));
      before.labels.set(item.labels.subarray(0, item.size));
      before.size = item.size;
      return plain.compose(item, target);
    },
    regulariseWhole(gradient, parameters, { reference, model }) {
      const { x, size } = reference;
      if (size === 0) return;
      model.gradient(parameters, x, size, (of) => plain.loss(of, reference, of), away);
      const product = dot(gradient, away);
      const square = dot(away, away);
      if (product < 0)
        for (let index = 0; index < gradient.length; index++)
          gradient[index] -= (product / square) * away[index];
      this.products.push([product, dot(gradient, away), square]);
    },
  };
}

/** What `createLearner` asks of an algorithm, with nothing to keep. */
function kept(shape) {
  const state = new Uint8Array(0);
  return {
    ...createCrossEntropy("learn", shape),
    memoryBytes: { replay: 0, algorithm: 0 },
    save: () => state,
    restore() {},
  };
}

function dot(a, b) {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}
