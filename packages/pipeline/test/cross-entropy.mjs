/**
 * Mean cross entropy of the item itself, as plain JavaScript: threads import it too.
 *
 * @param {"learn" | "throw" | "exit"} mode what the fifth loss of a thread does.
 * @param {{ batch: number, classes: number }} shape
 */
export function createCrossEntropy(mode, { batch, classes }) {
  let losses = 0;
  return {
    learnBatch: batch,
    compose(item, target) {
      const { size } = item;
      target.x.set(item.x.subarray(0, (size * target.x.length) / batch));
      target.labels.set(item.labels.subarray(0, size));
      return size;
    },
    loss(logits, { labels, size }, gradient) {
      losses++;
      if (losses === 5 && mode === "throw") throw new Error("the loss is out of order");
      if (losses === 5 && mode === "exit") process.exit(3);
      for (let sample = 0; sample < size; sample++) {
        const own = logits.subarray(sample * classes, (sample + 1) * classes);
        const most = Math.max(...own);
        const row = Array.from(own, (value) => Math.exp(value - most));
        const sum = row.reduce((a, b) => a + b, 0);
        row.forEach((value, label) => {
          gradient[sample * classes + label] =
            (value / sum - (label === labels[sample] ? 1 : 0)) / size;
        });
      }
      return 0;
    },
  };
}
