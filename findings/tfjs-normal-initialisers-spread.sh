#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0: He, LeCun and Glorot "normal" draw with 88 % of the deviation in their name.
#
# Guess before the run: as in Keras, where the normal distribution is cut at two deviations and
# widened by 1 / .87962566 so that what is left has the deviation of the formula, sqrt(2 / fan in) for
# He.
#
# Seen: it is cut but not widened, so the deviation is .8796 of the formula and the variance 77 %.
# The signal of a ReLU network shrinks by 12 % a layer: after 20 layers less than a tenth is left. The
# same configuration read by Keras draws wider weights.
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
  const [rows, columns] = [600, 400];
  for (const [name, formula] of [
    ["heNormal", Math.sqrt(2 / rows)],
    ["leCunNormal", Math.sqrt(1 / rows)],
    ["glorotNormal", Math.sqrt(2 / (rows + columns))],
  ]) {
    const drawn = tf.initializers[name]({ seed: 1 }).apply([rows, columns]);
    const ratio = Math.sqrt(tf.moments(drawn).variance.dataSync()[0]) / formula;
    const most = drawn.abs().max().dataSync()[0] / formula;
    console.log("tfjs", tf.version.tfjs, name, { ratio, most });
    assert(Math.abs(ratio - 0.8796) < 0.01);
    assert(most <= 2 && most > 1.9);
  }
});
END
node trial.cjs
