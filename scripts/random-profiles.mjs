// Random models for the benchmarks of the planner, from a seed.

/** Layers whose costs spread over two powers of ten. */
export function profileOf(layerCount, random) {
  const amount = (most) => Math.ceil(most * 10 ** (-2 * random()));
  const layers = Array.from({ length: layerCount }, (_, index) => {
    const [time, output] = [0.1 + random(), amount(200_000)];
    return {
      name: `layer${index}`,
      forwardTime: time,
      backwardTime: 2 * time,
      parameterBytes: amount(4_000_000),
      activationBytes: output,
      outputBytes: output,
      predictionBytes: output,
      innerBytes: 2 * output,
      lastBytes: output,
      gradientBytes: output,
      scratchBytes: 0,
    };
  });
  const sequentialTime = layers.reduce(
    (sum, each) => sum + each.forwardTime + each.backwardTime,
    0,
  );
  return {
    version: 1,
    model: `random, ${layerCount} layers`,
    batch: 16,
    learnBatch: 16,
    inputBytes: 50_000,
    labelBytes: 64,
    itemInputBytes: 50_000,
    itemLabelBytes: 64,
    timing: "model",
    layers,
    sequentialTime,
  };
}
