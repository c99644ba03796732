#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0: pooling turns NaN into -Infinity, even average pooling on wasm.
#
# Guess before the run: NaN stays NaN, as numbers do and as the ReLU of both backends does.
#
# Seen: the maximum of a window of NaN is -Infinity on cpu and wasm; its average is NaN on cpu and
# -Infinity on wasm. A ReLU or a softmax behind it makes ordinary numbers of that. So a diverged
# network goes on with finite losses: whoever looks for NaN must look at the weights.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
cat > trial.cjs <<'END'
const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-backend-wasm");
const assert = require("node:assert");

(async () => {
  for (const [backend, expected] of [["cpu", Number.NaN], ["wasm", -Infinity]]) {
    await tf.setBackend(backend);
    await tf.ready();
    assert.strictEqual(tf.getBackend(), backend);
    const none = tf.fill([1, 2, 2, 1], Number.NaN);
    const first = (tensor) => tensor.dataSync()[0];
    const relu = first(tf.relu(none));
    const largest = first(tf.maxPool(none, 2, 2, "valid"));
    const average = first(tf.avgPool(none, 2, 2, "valid"));
    const hidden = first(tf.relu(tf.maxPool(none, 2, 2, "valid")));
    console.log("tfjs", tf.version.tfjs, backend, { relu, largest, average, hidden });
    assert.strictEqual(relu, Number.NaN);
    assert.strictEqual(largest, -Infinity);
    assert.strictEqual(average, expected);
    assert.strictEqual(hidden, 0);
  }
})();
END
node trial.cjs
