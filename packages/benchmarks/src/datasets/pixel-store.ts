import { closeSync, readSync } from "node:fs";
import { InputError } from "../errors.js";
import { codeOf, openInput } from "../input-file.js";

/** Images of equal size, one byte a value, in main memory or in a file. */
export interface PixelStore {
  /** Of the whole store, or of the image that was sought last. */
  readonly bytes: Uint8Array;
  /** Where image `index` begins in `bytes`, until the next call. */
  seek(index: number): number;
}

/** A store over an array with image after image of `length` bytes. */
export function heldPixels(bytes: Uint8Array, length: number): PixelStore {
  return { bytes, seek: (index) => index * length };
}

/** Closes files whose stores nobody has any more. */
const opened = new FinalizationRegistry<number>((fd) => closeSync(fd));

/**
 * A store over a file with image after image: each is read when it is asked for, so that main memory
 * holds one.
 */
export class FiledPixels implements PixelStore {
  readonly bytes: Uint8Array;
  readonly #fd: number;

  /** @throws InputError where the file does not hold `count` images of `length` bytes. */
  constructor(
    private readonly path: string,
    private readonly length: number,
    count: number,
  ) {
    const { fd, size } = openInput(path, "pixels");
    if (size !== count * length) {
      closeSync(fd);
      throw this.#changed();
    }
    opened.register(this, fd);
    this.#fd = fd;
    this.bytes = new Uint8Array(length);
  }

  seek(index: number): number {
    let filled: number;
    try {
      filled = readSync(this.#fd, this.bytes, 0, this.length, index * this.length);
    } catch (error) {
      throw new InputError(
        `Expected image ${index} in ${this.path} but it cannot be read (${codeOf(error)}); ` +
          "remove that file, it is made anew",
      );
    }
    if (filled !== this.length) throw this.#changed();
    return 0;
  }

  #changed(): InputError {
    return new InputError(
      `Expected images of ${this.length} bytes in ${this.path} but it was changed; remove it, it is ` +
        "made anew",
    );
  }
}
