#!/usr/bin/env bash
# @tensorflow/tfjs-backend-wasm 4.22.0: the gradient of max pooling goes to the wrong place where the
# maximum of a window is below zero.
#
# Guess before the run: the gradient of a window goes to its maximum, whatever its sign, as on the
# cpu backend.
#
# Seen: the forward pass gives the right maximum, but of a window without a positive value the first
# one gets the gradient. Behind a ReLU this never shows; behind tanh, a normalisation or straight on
# standardised images it does, and nothing says so. Finite differences agree with cpu.
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

async function gradientOn(backend, values) {
  await tf.setBackend(backend);
  await tf.ready();
  assert.strictEqual(tf.getBackend(), backend);
  const pool = (x) => tf.maxPool(x, 2, 2, "valid");
  const x = tf.tensor4d(values, [1, 2, 2, 1]);
  const largest = pool(x).dataSync()[0];
  const gradient = Array.from(tf.grad((x) => pool(x).sum())(x).dataSync());
  console.log("tfjs", tf.version.tfjs, backend, values, "maximum", largest, "gradient", gradient);
  assert.strictEqual(largest, Math.max(...values));
  return gradient;
}

(async () => {
  const below = [-4, -1, -3, -2];
  const above = [4, 1, 9, 2];
  assert.deepStrictEqual(await gradientOn("cpu", below), [0, 1, 0, 0]);
  assert.deepStrictEqual(await gradientOn("wasm", above), [0, 0, 1, 0]);
  assert.deepStrictEqual(await gradientOn("wasm", below), [1, 0, 0, 0]);
})();
END
node trial.cjs
