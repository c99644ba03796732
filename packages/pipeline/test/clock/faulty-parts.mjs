let calls = 0;

/**
 * An algorithm that learns the item itself and does something bad at its twentieth occasion.
 *
 * @param {string} fault
 * @param {{ batch: number, classes: number }} shape
 * @param {{ allocate: (category: "algorithm", bytes: number) => unknown }} options
 */
export function createFaulty(fault, { batch, classes }, { allocate }) {
  const strike = (own, bad) => {
    if (own === fault && ++calls === 20) bad();
  };
  const complain = () => {
    throw new Error("the algorithm is out of order");
  };
  return {
    learnBatch: batch,
    compose(item, target) {
      strike("compose", complain);
      strike("attached", complain);
      strike("attachedExit", () => process.exit(3));
      strike("allocation", () => allocate("algorithm", 1e9));
      target.x.set(item.x);
      target.labels.set(item.labels);
      return item.size;
    },
    loss(_logits, { size }, gradient) {
      strike("loss", complain);
      strike("uncloneable", () => {
        throw Object.assign(new Error("the algorithm is out of order"), { cause: () => {} });
      });
      gradient.fill(0, 0, size * classes);
      return 0;
    },
    // What asks the model composes in a thread of its own.
    ...(fault.startsWith("attached") ? { attach() {} } : {}),
    ...(["update", "exit"].includes(fault)
      ? {
          regularise() {
            strike("update", complain);
            // Ends the thread with the lock of the stage's updates in its hand.
            strike("exit", () => process.exit(3));
          },
        }
      : {}),
  };
}

/** The same for `createLearner`, which asks what memory an algorithm takes. */
export function createCounted(fault, shape, options) {
  return {
    ...createFaulty(fault, shape, options),
    name: "faulty",
    memoryBytes: { replay: 0, algorithm: 0 },
    save() {},
    restore() {},
  };
}
