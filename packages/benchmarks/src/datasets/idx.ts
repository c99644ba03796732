import { InputError } from "../errors.js";
import type { ByteImages } from "./byte-images.js";
import { readWhole } from "./read-file.js";

/**
 * Reads images and labels in the IDX format of MNIST, plain or gzip. Layout, big-endian: two zero
 * bytes, 0x08 (unsigned byte), the number of dimensions, one uint32 a dimension, then the values.
 *
 * @throws InputError for a wrong magic number, a size that does not fit the header, counts of images
 *   and labels that differ, or a label that is no class.
 */
export function readIdx(imageFile: string, labelFile: string, classes: number): ByteImages {
  const images = readArray(imageFile, 3, "images");
  const labels = readArray(labelFile, 1, "labels");
  const [count, height, width] = images.sizes as [number, number, number];
  if (labels.values.length !== count)
    throw new InputError(
      `Expected as many labels as images but ${labelFile} holds ${labels.values.length} labels and ` +
        `${imageFile} holds ${count} images; take both files from the same split`,
    );
  const wrong = labels.values.findIndex((label) => label >= classes);
  if (wrong >= 0)
    throw new InputError(
      `Expected labels 0 to ${classes - 1} in ${labelFile} but found ${labels.values[wrong]} at ` +
        `byte ${labels.start + wrong}; the file is damaged or belongs to another data set`,
    );
  return {
    pixels: images.values,
    labels: labels.values,
    classes,
    inputShape: [height, width, 1],
  };
}

/** The array of unsigned bytes in an IDX file; `start` is where its values begin. */
function readArray(file: string, dimensions: number, what: string) {
  const bytes = readWhole(file);
  const start = 4 + 4 * dimensions;
  if (bytes.length < start)
    throw new InputError(
      `Expected an IDX header of ${start} bytes in ${file} but the file ends at byte ` +
        `${bytes.length}; it is cut off: fetch it again`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x0800 + dimensions)
    throw new InputError(
      `Expected the magic number ${hexadecimal(0x0800 + dimensions)} of IDX ${what} at byte 0 of ` +
        `${file} but found ${hexadecimal(magic)}; check that the file holds ${what}`,
    );
  const sizes = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const length = sizes.reduce((product, size) => product * size, 1);
  if (length === 0)
    throw new InputError(
      `Expected at least one value in ${file} but its header says ${sizes.join(" x ")}; ` +
        "fetch the file again",
    );
  if (bytes.length !== start + length)
    throw new InputError(
      `Expected ${start + length} bytes in ${file} (a header of ${start} and ${sizes.join(" x ")} ` +
        `values) but found ${bytes.length}; the file is damaged or cut off: fetch it again`,
    );
  return { sizes, start, values: bytes.subarray(start) };
}

function hexadecimal(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
