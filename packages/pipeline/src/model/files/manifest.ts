import { isAbsolute, join } from "node:path";
import { expected, InputError } from "../../errors.js";
import { isRecord } from "../read.js";
import { elementCount } from "../shape.js";
import type { StoredTensor } from "./floats.js";
import { dequantize, type Quantization, readQuantization } from "./quantization.js";
import { fileSize, mostFileBytes, readRegularFile } from "./read-file.js";

/** Files that a manifest may list. */
const mostShards = 2000;

/** Bytes of one value, by tfjs' names of types. */
const valueBytes: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
};

/** One weight as the manifest describes it. */
interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly quantization: Quantization | null;
  /** Whether it belongs to the optimizer and not to the model. */
  readonly isState: boolean;
}

/**
 * Reads the weights of a LayersModel: groups of weights, each in shards that make one run of bytes.
 * State of an optimizer is left out. Sizes are held against the files' before any is read.
 *
 * @param directory holds the shards.
 * @throws InputError that names the shard or the weight that is wrong.
 */
export function readManifest(directory: string, manifest: unknown): Map<string, StoredTensor> {
  if (!Array.isArray(manifest))
    throw expected("list of weight groups", "weightsManifest of model.json", manifest);
  const groups = manifest.map((group: unknown) => readGroup(directory, group));
  const shards = groups.flatMap(({ files }) => files);
  if (shards.length > mostShards)
    throw expected(`at most ${mostShards} files`, "weightsManifest of model.json", shards.length);
  const twice = shards.find((file, index) => shards.indexOf(file) < index);
  if (twice !== undefined)
    throw expected("every file once", "weightsManifest of model.json", twice, "get it again");
  const sizes = groups.map(checkSizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > mostFileBytes)
    throw expected(`at most ${mostFileBytes} bytes`, "weight files of model.json", total);

  const tensors = new Map<string, StoredTensor>();
  for (const { files, weights } of groups) {
    const parts = files.map((file) => readRegularFile(file, what));
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    let offset = 0;
    for (const { name, shape, bytes: length, quantization, isState } of weights) {
      const values = bytes.subarray(offset, offset + length);
      offset += length;
      if (isState) continue;
      if (tensors.has(name))
        throw expected("every weight once", "weightsManifest of model.json", name, "get it again");
      const plain = quantization ? dequantize(values, quantization) : values;
      tensors.set(name, { dtype: "F32", shape, bytes: plain });
    }
  }
  return tensors;
}

const what = "weights of a LayersModel of tfjs";

interface Group {
  readonly files: readonly string[];
  readonly weights: readonly Weight[];
}

function readGroup(directory: string, group: unknown): Group {
  if (!isRecord(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
    throw expected("{ paths, weights }", "a weight group of model.json", group);
  if (group.paths.length > mostShards)
    throw expected(
      `at most ${mostShards} files`,
      "a weight group of model.json",
      group.paths.length,
    );
  return {
    files: group.paths.map((path: unknown) => shardPath(directory, path)),
    weights: group.weights.map(readWeight),
  };
}

/** A file of weights; only below the model's own folder. */
function shardPath(directory: string, path: unknown): string {
  if (
    typeof path !== "string" ||
    path === "" ||
    isAbsolute(path) ||
    /^[a-z]:|\0/i.test(path) ||
    path.split(/[\\/]/).includes("..")
  )
    throw expected("path inside the model's folder", "a weight group of model.json", path);
  return join(directory, path);
}

/** Bytes of a group, which must be those of its files. */
function checkSizes({ files, weights }: Group): number {
  const size = files.reduce((sum, file) => sum + fileSize(file, what), 0);
  let end = 0;
  for (const { name, bytes } of weights) {
    end += bytes;
    if (end > size)
      throw new InputError(
        `Expected ${end} bytes or more in the weight files for tensor ${name} but they have ` +
          `${size}; get them again`,
      );
  }
  if (end !== size)
    throw new InputError(
      `Expected ${end} bytes in the weight files of model.json but they have ${size}; get them again`,
    );
  return size;
}

function readWeight(weight: unknown): Weight {
  const { name, shape, dtype, quantization, group } = isRecord(weight) ? weight : {};
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  if (
    typeof name !== "string" ||
    typeof dtype !== "string" ||
    !Array.isArray(shape) ||
    !shape.every(isSize)
  )
    throw expected("{ name, shape, dtype }", "a weight of model.json", weight);
  const isState = group === "optimizer";
  const path = `weight ${name} of model.json`;
  if (!Object.hasOwn(valueBytes, dtype) || (dtype !== "float32" && !isState))
    throw expected('"float32"', path, dtype, "convert the model to float32");
  const read = quantization === undefined ? null : readQuantization(quantization, path);
  const bytes = (read ? read.valueBytes : (valueBytes[dtype] as number)) * elementCount(shape);
  if (bytes > mostFileBytes) throw expected(`at most ${mostFileBytes} bytes`, path, bytes);
  return { name, shape, bytes, quantization: read, isState };
}
