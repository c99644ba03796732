import { createCrossEntropy } from "../cross-entropy.mjs";

/**
 * Cross entropy whose losses wait before a gate, from one of them on, until it is opened.
 *
 * @param {Int32Array} gate shared by all threads: losses so far, those that wait, 1 when it is open.
 * @param {number} heldFrom the first loss that waits.
 * @param {{ batch: number, classes: number }} shape
 */
export function createGated(gate, heldFrom, shape) {
  const open = createCrossEntropy("learn", shape);
  return {
    ...open,
    loss(logits, target, gradient) {
      if (Atomics.add(gate, 0, 1) >= heldFrom) {
        Atomics.add(gate, 1, 1);
        Atomics.wait(gate, 2, 0);
      }
      return open.loss(logits, target, gradient);
    },
  };
}
