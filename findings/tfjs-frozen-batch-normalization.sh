#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0: a frozen BatchNormalization goes on training its statistics.
#
# Guess before the run: as in Keras since 2.1.3 (and as its guide to transfer learning says), a layer
# with trainable = false runs in inference mode, also where the call says training: it normalises by
# its moving mean and variance and leaves both as they are.
#
# Seen: it normalises by the batch and moves both. So a model that was saved in Python with frozen
# normalisation trains differently here, and the pretrained statistics are gone after some steps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > trial.cjs <<'END'
const tf = require("@tensorflow/tfjs");
const assert = require("node:assert");

tf.setBackend("cpu").then(() => {
  const layer = tf.layers.batchNormalization({ inputShape: [1], momentum: 0.5, trainable: false });
  const model = tf.sequential({ layers: [layer] });
  const statistics = () => layer.getWeights().slice(2).map((weight) => weight.dataSync()[0]);
  assert.strictEqual(model.trainableWeights.length, 0);
  const x = tf.tensor2d([[10], [30]]);
  const before = statistics();
  const output = Array.from(layer.apply(x, { training: true }).dataSync());
  const after = statistics();
  console.log("tfjs", tf.version.tfjs, "mean and variance", before, "->", after, "output", output);
  assert.deepStrictEqual(before, [0, 1]);
  // By the batch: -1 and 1. By the moving statistics it would be about 10 and 30.
  assert(Math.abs(output[0] + 1) < 0.01 && Math.abs(output[1] - 1) < 0.01);
  // Half way from 0 to the mean of the batch, 20.
  assert.strictEqual(after[0], 10);
  assert(after[1] > 50);
});
END
node trial.cjs
