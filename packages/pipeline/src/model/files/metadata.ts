import { existsSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../read.js";
import { readJsonFile } from "./json.js";
import { readRegularFile } from "./read-file.js";

/** What a file holds besides the weights, by key. */
export type Metadata = Readonly<Record<string, unknown>>;

/**
 * What was saved with a LayersModel as its `userDefinedMetadata`, which tfjs keeps too; null if
 * there is none.
 *
 * @param path of the folder that holds `model.json`, or of that file.
 * @throws InputError where the file cannot be read.
 */
export function readLayersModelMetadata(path: string): Metadata | null {
  const file = path.endsWith(".json") ? path : join(path, "model.json");
  if (!existsSync(file)) return null;
  const content = readJsonFile(file, "a LayersModel of tfjs");
  const metadata = isRecord(content) ? content.userDefinedMetadata : null;
  return isRecord(metadata) ? metadata : null;
}

/**
 * The `__metadata__` of a safetensors file, texts by key; null if there is none, or no such file.
 *
 * @throws InputError where the file cannot be read.
 */
export function readSafetensorsMetadata(file: string): Metadata | null {
  if (!existsSync(file)) return null;
  const bytes = readRegularFile(file, "a safetensors file");
  if (bytes.length < 8) return null;
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  try {
    // What is wrong with the header `loadSafetensors` says.
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end)));
    const metadata = isRecord(header) ? header.__metadata__ : null;
    return isRecord(metadata) ? metadata : null;
  } catch {
    return null;
  }
}
