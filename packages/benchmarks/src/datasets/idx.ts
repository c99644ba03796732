import { InputError } from "../errors.js";
import { mostDataBytes } from "../input-file.js";
import type { ByteImages } from "./byte-images.js";
import type { PieceReader } from "./piece-reader.js";
import { type ByteSource, readWhole } from "./read-file.js";

/**
 * Reads images and labels in the IDX format of MNIST, plain or gzip. Layout, big-endian: two zero
 * bytes, 0x08 (unsigned byte), the number of dimensions, one uint32 a dimension, then the values.
 *
 * @throws InputError for a wrong magic number, a size that does not fit the header, counts of images
 *   and labels that differ, or a label that is no class.
 */
export async function readIdx(
  imageFile: string,
  labelFile: string,
  classes: number,
): Promise<ByteImages> {
  const images = await readArray(imageFile, 3, "images");
  const labels = await readArray(labelFile, 1, "labels");
  const [count, height, width] = images.sizes as [number, number, number];
  if (labels.values.length !== count)
    throw new InputError(
      `Expected as many labels as images but ${labelFile} holds ${labels.values.length} labels and ` +
        `${imageFile} holds ${count} images; take both files from the same split`,
    );
  expectLabels(labelFile, labels, 0, classes - 1);
  return {
    pixels: images.values,
    labels: labels.values,
    classes,
    inputShape: [height, width, 1],
  };
}

/** Labels alone, from `first` to `last`. @throws InputError as `readIdx`. */
export async function readIdxLabels(
  file: string,
  first: number,
  last: number,
): Promise<Uint8Array> {
  const labels = await readArray(file, 1, "labels");
  expectLabels(file, labels, first, last);
  return labels.values;
}

/**
 * Sizes of a file of images, whose values the reader gives next.
 * @throws InputError as `readIdx`.
 */
export async function readIdxHeader(
  file: string,
  source: ByteSource,
  reader: PieceReader,
): Promise<[count: number, height: number, width: number]> {
  const start = 4 + 4 * 3;
  const sizes = readHeader(file, await reader.take(start), 3, "images");
  expectLength(file, start, sizes, source);
  return sizes as [number, number, number];
}

function expectLabels(
  file: string,
  { values, start }: { readonly values: Uint8Array; readonly start: number },
  first: number,
  last: number,
): void {
  const wrong = values.findIndex((label) => label < first || label > last);
  if (wrong < 0) return;
  throw new InputError(
    `Expected labels ${first} to ${last} in ${file} but found ${values[wrong]} at ` +
      `byte ${start + wrong}; the file is damaged or belongs to another data set`,
  );
}

/** Refuses a header that says more or less than there is. @throws InputError */
function expectLength(
  file: string,
  start: number,
  sizes: readonly number[],
  { isPacked, mostBytes }: ByteSource,
): number {
  const length = start + sizes.reduce((product, size) => product * size, 1);
  if (isPacked ? length > mostBytes : length !== mostBytes)
    throw otherLength(file, start, sizes, `${isPacked ? "at most " : ""}${mostBytes}`);
  return length;
}

/** The array of unsigned bytes in an IDX file; `start` is where its values begin. */
async function readArray(file: string, dimensions: number, what: string) {
  const start = 4 + 4 * dimensions;
  let sizes: readonly number[] = [];
  let length = 0;
  // What the header says is checked before anything of that size is taken.
  const bytes = await readWhole(file, (head, source) => {
    sizes = readHeader(file, head, dimensions, what);
    length = expectLength(file, start, sizes, source);
    if (length > mostDataBytes())
      throw new InputError(
        `Expected no more than half of the main memory for ${file} but its header says ` +
          `${sizes.join(" x ")}; take a part of the data set`,
      );
    return length + 1;
  });
  if (bytes.length < start)
    throw new InputError(
      `Expected an IDX header of ${start} bytes in ${file} but the file ends at byte ` +
        `${bytes.length}; it is cut off: fetch it again`,
    );
  if (bytes.length !== length) throw otherLength(file, start, sizes, String(bytes.length));
  return { sizes, start, values: bytes.subarray(start) };
}

function readHeader(file: string, head: Uint8Array, dimensions: number, what: string): number[] {
  const start = 4 + 4 * dimensions;
  if (head.length < start)
    throw new InputError(
      `Expected an IDX header of ${start} bytes in ${file} but the file ends at byte ` +
        `${head.length}; it is cut off: fetch it again`,
    );
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x0800 + dimensions)
    throw new InputError(
      `Expected the magic number ${hexadecimal(0x0800 + dimensions)} of IDX ${what} at byte 0 of ` +
        `${file} but found ${hexadecimal(magic)}; check that the file holds ${what}`,
    );
  const sizes = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (sizes.includes(0))
    throw new InputError(
      `Expected at least one value in ${file} but its header says ${sizes.join(" x ")}; ` +
        "fetch the file again",
    );
  return sizes;
}

function otherLength(file: string, start: number, sizes: readonly number[], found: string) {
  const values = sizes.reduce((product, size) => product * size, 1);
  return new InputError(
    `Expected ${start + values} bytes in ${file} (a header of ${start} and ${sizes.join(" x ")} ` +
      `values) but found ${found}; the file is damaged or cut off: fetch it again`,
  );
}

function hexadecimal(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
