import { closeSync, readSync } from "node:fs";
import { InputError } from "../errors.js";
import { openInput, unreadable } from "../input-file.js";
import { type ImageDecoder, type ImageSize, loadDecoder } from "./image-decoder.js";
import {
  type DecodedImage,
  type ImageTaker,
  mostDecodedBytes,
  type PackedImages,
  packImages,
} from "./packed-images.js";

/** An image file and its class. */
export interface ListedImage {
  readonly path: string;
  readonly label: number;
}

/** How image files are read. */
export interface ListedOptions {
  readonly size: ImageSize;
  readonly cacheDir?: string | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** Images that are read and decoded at the same time. */
const atOnce = 16;

/** An image file larger than this is none of a data set's. */
const mostFileBytes = 256 * 2 ** 20;

/** Image files, packed; `decoder` is for the record. */
export interface DecodedFiles extends PackedImages {
  readonly decoder: string;
}

/**
 * Decodes image files, in the order of the list. What they are decoded to is kept in the cache, so that
 * only the first run waits.
 *
 * @throws InputError for a file that is no image and, without a size to bring them to, for images of
 *   different sizes.
 */
export async function readListedImages(
  images: readonly ListedImage[],
  { size, cacheDir, onNotice }: ListedOptions,
): Promise<DecodedFiles> {
  const decoder = await loadDecoder();
  const packed = await packImages({
    files: images.map(({ path }) => path),
    reading: JSON.stringify(["listed", decoder.version, size, images.map(({ label }) => label)]),
    mostHeldBytes: mostDecodedBytes,
    cacheDir,
    onRead() {
      if (images.length > 2_000)
        onNotice?.(`decoding ${images.length} images, which later runs find in the cache`);
    },
    async fill(open) {
      const gathered = new Gathered(open);
      await inOrder(
        images,
        ({ path }) => decodeFile(path, size, decoder),
        (image, { path, label }) => gathered.take(image, label, path),
      );
      return undefined;
    },
  });
  return { ...packed, decoder: decoder.version };
}

/** Takes decoded images, all of one shape. */
export class Gathered {
  #taker: ImageTaker | undefined;
  #first = { name: "", shape: "" };

  constructor(private readonly open: (shape: DecodedImage["shape"]) => ImageTaker) {}

  /** Whether no image has come. */
  get isEmpty(): boolean {
    return this.#taker === undefined;
  }

  /** @throws InputError for another size than the first image has. */
  take({ pixels, shape }: DecodedImage, label: number, name: string): void {
    const text = `${shape[0]} x ${shape[1]}`;
    if (!this.#taker) {
      this.#taker = this.open(shape);
      this.#first = { name, shape: text };
    } else if (text !== this.#first.shape)
      throw new InputError(
        `Expected an image of ${this.#first.shape} in ${name} as in ${this.#first.name} but it has ` +
          `${text}; say what size to bring them to with --image-size`,
      );
    this.#taker(pixels, 0, label);
  }
}

async function decodeFile(
  path: string,
  size: ImageSize,
  decoder: ImageDecoder,
): Promise<DecodedImage> {
  const { fd, size: length } = openInput(path, "an image");
  const bytes = new Uint8Array(Math.min(length, mostFileBytes));
  try {
    if (length > mostFileBytes)
      throw new InputError(
        `Expected an image of at most ${mostFileBytes} bytes in ${path} but it has ${length}; remove it`,
      );
    for (let filled = 0; filled < length; ) {
      const count = readSync(fd, bytes, filled, length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(path, "an image", error);
  } finally {
    closeSync(fd);
  }
  return decoder.decode(bytes, size, path);
}

/** Works on several at a time, and hands the results on one after the other, in order. */
export async function inOrder<T, R>(
  entries: Iterable<T> | AsyncIterable<T>,
  work: (entry: T) => Promise<R>,
  take: (result: R, entry: T) => void,
): Promise<void> {
  const running: { readonly entry: T; readonly result: Promise<R> }[] = [];
  const takeFirst = async () => {
    const first = running.shift()!;
    take(await first.result, first.entry);
  };
  for await (const entry of entries) {
    const result = work(entry);
    // A failure is met when its turn comes, not before.
    result.catch(() => {});
    running.push({ entry, result });
    if (running.length >= atOnce) await takeFirst();
  }
  while (running.length > 0) await takeFirst();
}
