#!/usr/bin/env bash
# mat-for-js 1.1.0: arrays of three dimensions come out scrambled, without an error.
#
# Guess before the run: the values of a MATLAB 5 file lie column by column, so X[i][j][k] of a 2 x 3 x 2
# array is value i + 2 j + 6 k, as scipy.io.loadmat reads it.
#
# Seen: it is i + 2 j + 3 k. Some values come twice and the last ones never: of SVHN (32 x 32 x 3 x n)
# that makes images which are no images. Arrays of two dimensions are right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mat-for-js@1.1.0
cat > trial.cjs <<'END'
// A MATLAB 5 file, written by its specification: header, one uncompressed matrix of bytes.
const { read } = require("mat-for-js");
const { version } = require("mat-for-js/package.json");
const assert = require("node:assert");

function element(type, bytes) {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([tag, bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

function matFile(dimensions) {
  const count = dimensions.reduce((product, size) => product * size, 1);
  const [miInt8, miUint8, miInt32, miUint32, miMatrix, mxUint8] = [1, 2, 5, 6, 14, 9];
  const matrix = Buffer.concat([
    element(miUint32, Buffer.from(Uint32Array.of(mxUint8, 0).buffer)),
    element(miInt32, Buffer.from(Int32Array.from(dimensions).buffer)),
    element(miInt8, Buffer.from("X")),
    element(miUint8, Buffer.from(Array.from({ length: count }, (_, index) => index))),
  ]);
  const header = Buffer.alloc(128, " ");
  header.write("MATLAB 5.0 MAT-file");
  header.fill(0, 116, 124);
  header.writeUInt16LE(0x0100, 124);
  header.write("IM", 126);
  const file = Buffer.concat([header, element(miMatrix, matrix)]);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
}

const two = read(matFile([2, 3])).data.X;
const three = read(matFile([2, 3, 2])).data.X;
console.log("mat-for-js", version, JSON.stringify(two), JSON.stringify(three));
assert.deepStrictEqual(two, [[0, 2, 4], [1, 3, 5]]);
three.forEach((plane, i) =>
  plane.forEach((row, j) =>
    row.forEach((value, k) => assert.strictEqual(value, i + 2 * j + 3 * k)),
  ),
);
assert.notStrictEqual(three[1][2][1], 11);
END
node trial.cjs
