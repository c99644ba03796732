#!/usr/bin/env bash
# @tensorflow/tfjs-node 4.22.0 and the Python package tensorflow-cpu 2.21.0: the one's addon, written
# for TensorFlow 2.9, works on the other's libraries.
#
# Guess before the run: it does not. The Python package has no libtensorflow.so, which the addon's
# build file asks for, and twelve versions lie between them.
#
# Seen: libtensorflow_cc.so.2 has the C interface that the addon calls, the package has the headers,
# and the sources compile as they are. The addon says that it runs on 2.21.0, computes, and gives
# gradients. Nothing but the two libraries and the headers is needed: no other Python package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --no-deps --no-compile --target python tensorflow-cpu==2.21.0
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @tensorflow/tfjs-node@4.22.0 node-api-headers@1.9.0
tensorflow=$folder/python/tensorflow
tfjs=$folder/node_modules/@tensorflow/tfjs-node
test ! -e "$tensorflow/libtensorflow.so"
mkdir -p "$tfjs/lib/napi-v8"
g++ -shared -fPIC -std=c++17 -w -DNAPI_VERSION=8 -I node_modules/node-api-headers/include \
  -I "$tensorflow/include" "$tfjs"/binding/*.cc -o "$tfjs/lib/napi-v8/tfjs_binding.node" \
  "$tensorflow/libtensorflow_cc.so.2" "$tensorflow/libtensorflow_framework.so.2" \
  "-Wl,-rpath,$tensorflow"
cat > trial.cjs <<'END'
const util = require("node:util");
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
const tf = require("@tensorflow/tfjs-node");
const assert = require("node:assert");
const version = tf.backend().binding.TF_Version;
const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
const kernel = tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1]);
const convolve = (filter) => tf.conv2d(x, filter, 1, "valid");
const values = Array.from(convolve(kernel).dataSync());
const gradient = Array.from(tf.grad((filter) => convolve(filter).sum())(kernel).dataSync());
console.log("tfjs-node", tf.version["tfjs-node"], "on TensorFlow", version, values, gradient);
assert.strictEqual(tf.getBackend(), "tensorflow");
assert.strictEqual(version, "2.21.0");
assert.deepStrictEqual(values, [-4, -4, -4, -4]);
assert.deepStrictEqual(gradient, [12, 16, 24, 28]);
END
TF_CPP_MIN_LOG_LEVEL=2 node trial.cjs
