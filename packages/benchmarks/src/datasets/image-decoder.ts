import type { Sharp, SharpOptions } from "sharp";
import { InputError } from "../errors.js";
import { codeOf } from "../input-file.js";
import type { DecodedImage } from "./packed-images.js";
import { decodePlainPng } from "./png.js";

/** Height and width that images are brought to; null: as they are, all alike. */
export type ImageSize = readonly [height: number, width: number] | null;

/** JPEG, PNG and others to bytes, always by the same library, since decoders of JPEG differ. */
export interface ImageDecoder {
  /** What it is, for records: `sharp 0.35.5 (libvips 8.18.7)`. */
  readonly version: string;
  /**
   * Decodes an image; grey ones get three equal channels, what is transparent stands on black. Where
   * the size is another, it is scaled to cover `size` and cut to it from the middle.
   *
   * @param name for messages.
   * @throws InputError for what is no image, damaged or cut off.
   */
  decode(bytes: Uint8Array, size: ImageSize, name: string): Promise<DecodedImage>;
}

/** A page of a book scanned finely has 100 million pixels; more in a header is damage. */
const mostPixels = 2 ** 27;

/** The decoder. @throws InputError where sharp is not installed. */
export async function loadDecoder(): Promise<ImageDecoder> {
  const sharp = await importSharp();
  // Images come once each, and several at a time: what libvips would keep, and share out, is no use.
  sharp.cache(false);
  sharp.concurrency(1);
  const version = `sharp ${sharp.versions.sharp} (libvips ${sharp.versions.vips})`;
  const options: SharpOptions = { failOn: "truncated", limitInputPixels: mostPixels };
  return {
    version,
    async decode(bytes, size, name) {
      const plain = decodePlainPng(bytes);
      if (plain && (size === null || (plain.shape[0] === size[0] && plain.shape[1] === size[1])))
        return plain;
      try {
        let image: Sharp = sharp(bytes, options);
        if (size)
          image = image.resize({
            height: size[0],
            width: size[1],
            fit: "cover",
            kernel: "lanczos3",
          });
        const { data, info } = await image
          .flatten({ background: "black" })
          .toColourspace("srgb")
          .raw({ depth: "uchar" })
          .toBuffer({ resolveWithObject: true });
        const { height, width, channels } = info;
        return channels === 3
          ? { pixels: data, shape: [height, width, 3] }
          : { pixels: threefold(data, channels), shape: [height, width, 3] };
      } catch (error) {
        throw new InputError(
          `Expected an image in ${name} but it cannot be decoded (${oneLine(codeOf(error))}); it is ` +
            "damaged or something else: fetch it again or remove it",
        );
      }
    },
  };
}

async function importSharp() {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    throw new InputError(
      `Expected the package sharp, which decodes images, but it cannot be loaded ` +
        `(${oneLine(codeOf(error))}); install it with npm install sharp, or choose data that is no JPEG or PNG`,
    );
  }
}

/** Grey in three equal channels. */
function threefold(grey: Uint8Array, channels: number): Uint8Array {
  const pixels = new Uint8Array((grey.length / channels) * 3);
  for (let pixel = 0; pixel < pixels.length / 3; pixel++)
    pixels.fill(grey[pixel * channels]!, 3 * pixel, 3 * pixel + 3);
  return pixels;
}

const oneLine = (text: string) => text.trim().split("\n")[0] ?? "";
