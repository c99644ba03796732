import fc from "fast-check";
import type { LayerProfile, Profile } from "../src/profile.js";
import type { WorkerConfiguration } from "../src/worker.js";

const bareLayer: LayerProfile = {
  name: "layer",
  forwardTime: 1,
  backwardTime: 2,
  parameterBytes: 64,
  activationBytes: 64,
  outputBytes: 64,
  predictionBytes: 64,
  innerBytes: 64,
  lastBytes: 64,
  gradientBytes: 64,
  scratchBytes: 0,
};

/** A profile of the given layers; what a layer leaves out is `bareLayer`'s. */
export function profileOf(layers: readonly Partial<LayerProfile>[]): Profile {
  const full = layers.map((layer, index) => ({ ...bareLayer, name: `layer${index}`, ...layer }));
  return {
    version: 1,
    model: "test",
    batch: 16,
    learnBatch: 32,
    inputBytes: 512,
    labelBytes: 10,
    itemInputBytes: 256,
    itemLabelBytes: 5,
    timing: "model",
    layers: full,
    sequentialTime: full.reduce((sum, layer) => sum + layer.forwardTime + layer.backwardTime, 0),
  };
}

const bytes = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 }));

/** Layers of random cost, some without parameters or activations; times are never zero. */
export function anyProfile(size: { minLength: number; maxLength: number }): fc.Arbitrary<Profile> {
  const layer = fc.record({
    forwardTime: fc.double({ min: 0.01, max: 4, noNaN: true }),
    backwardTime: fc.double({ min: 0.01, max: 8, noNaN: true }),
    parameterBytes: bytes,
    activationBytes: bytes,
    outputBytes: fc.integer({ min: 1, max: 3000 }),
    predictionBytes: fc.integer({ min: 1, max: 3000 }),
    innerBytes: bytes,
    lastBytes: bytes,
    gradientBytes: bytes,
    scratchBytes: bytes,
  });
  return fc
    .array(layer, size)
    .map(([first, ...rest]) =>
      profileOf([{ ...first, parameterBytes: (first?.parameterBytes ?? 0) + 4 }, ...rest]),
    );
}

export function anyWorker(stageCount: number): fc.Arbitrary<WorkerConfiguration> {
  const perStage = (most: number) =>
    fc.array(fc.nat({ max: most }), { minLength: stageCount, maxLength: stageCount });
  return fc.record({
    recompute: fc.boolean(),
    accumulate: perStage(stageCount).map((values) => values.map((value) => value + 1)),
    omit: perStage(stageCount).map((values) => values.with(-1, 0)),
  });
}

/** Profile, one of all its contiguous partitions, some workers. */
export function anyPipeline(mostLayers: number, mostWorkers: number) {
  return anyProfile({ minLength: 1, maxLength: mostLayers }).chain((profile) =>
    fc
      .subarray(profile.layers.slice(1).map((_, index) => index + 1))
      .map((cuts) => [0, ...cuts])
      .chain((partition) =>
        fc.record({
          profile: fc.constant(profile),
          partition: fc.constant(partition),
          workers: fc.array(anyWorker(partition.length), { minLength: 1, maxLength: mostWorkers }),
        }),
      ),
  );
}
