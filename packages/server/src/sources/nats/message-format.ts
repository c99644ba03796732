import { InputError } from "../../errors.js";
import type { SourceMessage } from "../contract.js";
import { readJsonMessage } from "../json-message.js";

/**
 * Messages of a NATS stream. Without headers they are JSON, `{ "x": [...], "y": 3, "id": "a" }`; with
 * them, raw numbers:
 *
 * ```
 *   Ferret-Encoding   float32 (little-endian), or uint8, of which each stands for a 255th of itself
 *   Ferret-Shape      16,28,28,1: of all values; its last numbers are the shape of a sample
 *   Ferret-Labels     16: so many int32 (little-endian) follow the values; left out, none do
 *   Ferret-Id         what a label that comes later calls the item
 * ```
 */
const header = {
  encoding: "Ferret-Encoding",
  shape: "Ferret-Shape",
  labels: "Ferret-Labels",
  id: "Ferret-Id",
} as const;

/** A header by its name; undefined or empty: there is none. */
export type HeaderOf = (name: string) => string | undefined;

/** What is published. */
export interface PublishedItem {
  /** Uint8Array and Float32Array go as raw numbers, arrays as JSON. */
  readonly x?: Float32Array | Uint8Array | readonly unknown[];
  /** Of raw values; default one row. */
  readonly shape?: readonly number[];
  readonly y?: number | Int32Array | readonly number[];
  /** The stream takes one item and one label of an id, within its window of duplicates. */
  readonly id?: string;
}

export interface EncodedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

const bytesOf = { float32: 4, uint8: 1 } as const;
type Encoding = keyof typeof bytesOf;

export function encodeMessage({ x, y, id, shape }: PublishedItem): EncodedMessage {
  if (!(x instanceof Float32Array || x instanceof Uint8Array)) {
    const labels = y === undefined || typeof y === "number" ? y : Array.from(y);
    return { headers: {}, data: Buffer.from(JSON.stringify({ x, y: labels, id })) };
  }
  const encoding: Encoding = x instanceof Float32Array ? "float32" : "uint8";
  const labels = y === undefined ? [] : typeof y === "number" ? [y] : Array.from(y);
  const data = Buffer.alloc(x.byteLength + 4 * labels.length);
  if (x instanceof Uint8Array) data.set(x);
  else for (const [at, value] of x.entries()) data.writeFloatLE(value, 4 * at);
  for (const [at, label] of labels.entries()) data.writeInt32LE(label, x.byteLength + 4 * at);
  return {
    headers: {
      [header.encoding]: encoding,
      [header.shape]: (shape ?? [x.length]).join(","),
      ...(y !== undefined && { [header.labels]: String(labels.length) }),
      ...(id !== undefined && { [header.id]: id }),
    },
    data,
  };
}

/** What a message says, not yet checked against a model. */
export function decodeMessage(headerOf: HeaderOf, data: Uint8Array): SourceMessage<never> {
  try {
    const encoding = headerOf(header.encoding) || "json";
    if (encoding === "json") return readJsonMessage(utf8.decode(data));
    if (encoding !== "float32" && encoding !== "uint8")
      return {
        fault: `Expected json, float32 or uint8 for ${header.encoding} but received ${encoding}`,
      };
    return decodeRaw(encoding, headerOf, data);
  } catch (error) {
    if (error instanceof InputError) return { fault: error.message };
    return { fault: "Expected text in UTF-8 but found other bytes" };
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeRaw(encoding: Encoding, headerOf: HeaderOf, data: Uint8Array): SourceMessage<never> {
  const shape = (headerOf(header.shape) ?? "")
    .split(",")
    .map((size) => wholeNumber(size, header.shape));
  const values = shape.reduce((product, size) => product * size, 1);
  const labelText = headerOf(header.labels);
  const labels = labelText ? wholeNumber(labelText, header.labels) : 0;
  const bytes = values * bytesOf[encoding] + 4 * labels;
  if (data.length !== bytes)
    throw new InputError(
      `Expected ${bytes} bytes for ${header.shape} ${shape} of ${encoding} and ${labels} labels but received ` +
        `${data.length}`,
    );
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const x = new Float32Array(values);
  for (let at = 0; at < values; at++)
    x[at] = encoding === "float32" ? view.getFloat32(4 * at, true) : data[at]! / 255;
  const first = values * bytesOf[encoding];
  const y = Int32Array.from({ length: labels }, (_, at) => view.getInt32(first + 4 * at, true));
  const id = headerOf(header.id) || undefined;
  return { x, ...(labels > 0 && { y }), ...(id !== undefined && { id }) };
}

function wholeNumber(text: string, name: string): number {
  if (/^\s*\d{1,10}\s*$/.test(text)) return Number(text);
  throw new InputError(`Expected whole numbers for ${name} but received ${JSON.stringify(text)}`);
}
