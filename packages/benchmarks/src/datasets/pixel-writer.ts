import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../errors.js";
import { codeOf } from "../input-file.js";
import { FiledPixels, heldPixels, type PixelStore } from "./pixel-store.js";

/** Bytes that are gathered before they are written. */
const bufferBytes = 2 ** 20;

/** Takes images one by one: in main memory up to a limit, beyond it all of them go to a file. */
export class PixelWriter {
  readonly labels: number[] = [];
  /** How often channel c has byte b, at c * 256 + b. */
  readonly histogram: Float64Array;
  #held = new Uint8Array(bufferBytes);
  /** Bytes of `#held` that are filled: all, or what has not been written. */
  #filled = 0;
  #fd = -1;
  readonly #temporary: string;

  /**
   * @param length bytes of an image.
   * @param path the file, if one is needed; its folder is made.
   */
  constructor(
    private readonly length: number,
    private readonly channels: number,
    private readonly path: string,
    private readonly mostHeldBytes: number,
  ) {
    this.histogram = new Float64Array(256 * channels);
    this.#temporary = `${path}.${process.pid}.part`;
  }

  /** Takes an image: `length` bytes of `pixels` from `start`, channels last. */
  take(pixels: Uint8Array, start: number, label: number): void {
    const { length, channels, histogram } = this;
    if (this.#filled + length > this.#held.length) this.#makeRoom();
    const held = this.#held;
    let channel = 0;
    for (let at = 0; at < length; at++) {
      const byte = pixels[start + at]!;
      held[this.#filled + at] = byte;
      histogram[(channel << 8) | byte]! += 1;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
    this.#filled += length;
    this.labels.push(label);
  }

  #makeRoom(): void {
    const wanted = Math.max(2 * this.#held.length, this.length);
    if (this.#fd < 0 && wanted <= this.mostHeldBytes) {
      const larger = new Uint8Array(wanted);
      larger.set(this.#held.subarray(0, this.#filled));
      this.#held = larger;
      return;
    }
    this.#flush();
    const buffer = Math.max(bufferBytes, this.length);
    if (this.#held.length !== buffer) this.#held = new Uint8Array(buffer);
  }

  #flush(): void {
    try {
      if (this.#fd < 0) {
        mkdirSync(dirname(this.path), { recursive: true });
        this.#fd = openSync(this.#temporary, "w");
      }
      for (let at = 0; at < this.#filled; )
        at += writeSync(this.#fd, this.#held, at, this.#filled - at);
    } catch (error) {
      this.discard();
      throw new InputError(
        `Expected to write decoded images to ${this.path} but got ${codeOf(error)}; make room there, ` +
          "or name another folder in FERRET_CACHE_DIR",
      );
    }
    this.#filled = 0;
  }

  /** All images; `isFiled`: in the file, which now has its name. */
  finish(): { readonly store: PixelStore; readonly isFiled: boolean } {
    if (this.#fd < 0 && this.#filled <= this.mostHeldBytes)
      return {
        store: heldPixels(this.#held.subarray(0, this.#filled), this.length),
        isFiled: false,
      };
    this.#flush();
    closeSync(this.#fd);
    this.#fd = -1;
    renameSync(this.#temporary, this.path);
    return { store: new FiledPixels(this.path, this.length, this.labels.length), isFiled: true };
  }

  /** Leaves nothing behind. */
  discard(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    rmSync(this.#temporary, { force: true });
  }
}
