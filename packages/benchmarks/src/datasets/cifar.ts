import { InputError } from "../errors.js";
import type { ByteImages } from "./byte-images.js";
import { readWhole } from "./read-file.js";

/** Edge of an image and values of one of its three colour planes. */
const size = 32;
const planeLength = size * size;
const imageLength = 3 * planeLength;

/** The largest file of either data set has 147 MiB. */
const mostFileBytes = 2 ** 30;

/** What comes before an image's planes: CIFAR-10 has the class, CIFAR-100 coarse class and class. */
export interface CifarLayout {
  readonly labelBytes: 1 | 2;
  readonly classes: number;
}

/**
 * Reads the binary version of CIFAR-10 or CIFAR-100: records of label bytes and 3072 pixel bytes (the
 * red, green and blue planes, row by row), without a header. The number of records comes from the
 * size of the files. The class is the last label byte. Pixels are put in channels-last order.
 *
 * @throws InputError for a size that is no multiple of a record, or a label that is no class.
 */
export async function readCifar(
  files: readonly string[],
  { labelBytes, classes }: CifarLayout,
): Promise<ByteImages> {
  const record = labelBytes + imageLength;
  const contents: Uint8Array[] = [];
  for (const file of files) contents.push(await readRecords(file, record));
  expectOwnRecords(files, contents, record);
  const count = contents.reduce((sum, bytes) => sum + bytes.length / record, 0);
  const pixels = new Uint8Array(count * imageLength);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const [index, bytes] of contents.entries())
    for (let start = 0; start < bytes.length; start += record) {
      const label = bytes[start + labelBytes - 1]!;
      if (label >= classes)
        throw new InputError(
          `Expected labels 0 to ${classes - 1} in ${files[index]} but found ${label} at byte ` +
            `${start + labelBytes - 1}; check that the file is CIFAR-${classes}'s binary version`,
        );
      labels[image] = label;
      interleave(bytes, start + labelBytes, pixels, image * imageLength);
      image += 1;
    }
  return { pixels, labels, classes, inputShape: [size, size, 3] };
}

/** Files that begin with the same record are two copies of one. @throws InputError */
function expectOwnRecords(
  files: readonly string[],
  contents: readonly Uint8Array[],
  record: number,
): void {
  for (const [at, content] of contents.entries())
    for (const before of contents.slice(0, at).keys())
      if (Buffer.compare(content.subarray(0, record), contents[before]!.subarray(0, record)) === 0)
        throw new InputError(
          `Expected records of their own in each file but ${files[before]} and ${files[at]} begin ` +
            "with the same one; remove the copy",
        );
}

async function readRecords(file: string, record: number): Promise<Uint8Array> {
  const bytes = await readWhole(file, () => mostFileBytes);
  if (bytes.length > 0 && bytes.length % record === 0) return bytes;
  const whole = Math.floor(bytes.length / record);
  throw new InputError(
    `Expected one or more records of ${record} bytes in ${file} but found ${bytes.length} bytes ` +
      `(${whole} records and ${bytes.length - whole * record} bytes more); ` +
      "the file is cut off or not the binary version: fetch it again",
  );
}

/** Three colour planes to red, green, blue of one pixel after the other. */
function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let pixel = 0; pixel < planeLength; pixel++)
    for (let channel = 0; channel < 3; channel++)
      pixels[to + 3 * pixel + channel] = planes[from + channel * planeLength + pixel]!;
}
