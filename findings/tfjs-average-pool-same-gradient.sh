#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0: the gradient of average pooling with "same" padding is too small at borders.
#
# Guess before the run: forward and gradient agree. Average pooling is linear, so of any input x the
# sum over x times its gradient is the sum of the output (Euler).
#
# Seen, on cpu and on wasm: the forward pass divides by the cells of a window that lie inside, the
# gradient by the whole window. Of 3 x 3 ones under 3 x 3 windows the outputs sum to 9 and the
# gradients to 5.44; a corner gets 4/9 where 1/4 + 2/6 + 1/9 = .694 is right.
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
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    await tf.ready();
    assert.strictEqual(tf.getBackend(), backend);
    const ones = tf.ones([1, 3, 3, 1]);
    const pool = (x) => tf.avgPool(x, 3, 1, "same");
    const output = pool(ones).sum().dataSync()[0];
    const gradient = tf.grad((x) => pool(x).sum())(ones);
    const corner = gradient.dataSync()[0];
    const sum = gradient.sum().dataSync()[0];
    console.log("tfjs", tf.version.tfjs, backend, { output, sum, corner });
    assert(Math.abs(output - 9) < 1e-4);
    assert(Math.abs(sum - 49 / 9) < 1e-4);
    assert(Math.abs(corner - 4 / 9) < 1e-4);
  }
})();
END
node trial.cjs
