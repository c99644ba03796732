import { InputError } from "../errors.js";
import { readIdxHeader, readIdxLabels } from "./idx.js";
import { mostUnpackedBytes, type PackedImages, packImages } from "./packed-images.js";
import { PieceReader } from "./piece-reader.js";
import { withBytes } from "./read-file.js";

/** Capital letters, and the small ones that look like none of those. */
const capitals = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const digits = [..."0123456789"];
const merged = [...digits, ...capitals, ..."abdefghnqrt"];

/** A version of EMNIST: its classes, its first label, and its samples. */
export interface EmnistVersion {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly firstLabel: 0 | 1;
  readonly samples: readonly [train: number, test: number];
}

/** Cohen et al. 2017, table II. */
export const emnistVersions: readonly EmnistVersion[] = [
  { name: "balanced", classNames: merged, firstLabel: 0, samples: [112_800, 18_800] },
  { name: "letters", classNames: capitals, firstLabel: 1, samples: [124_800, 20_800] },
  { name: "digits", classNames: digits, firstLabel: 0, samples: [240_000, 40_000] },
  {
    name: "byclass",
    classNames: [...digits, ...capitals, ..."abcdefghijklmnopqrstuvwxyz"],
    firstLabel: 0,
    samples: [697_932, 116_323],
  },
  { name: "bymerge", classNames: merged, firstLabel: 0, samples: [697_932, 116_323] },
  { name: "mnist", classNames: digits, firstLabel: 0, samples: [60_000, 10_000] },
];

/**
 * Reads one split of EMNIST: IDX files as those of MNIST, but with images stored transposed, which are
 * set upright, and labels that may begin at 1.
 *
 * @throws InputError as `readIdx`.
 */
export async function readEmnist(
  imageFile: string,
  labelFile: string,
  { classNames, firstLabel }: Pick<EmnistVersion, "classNames" | "firstLabel">,
  cacheDir?: string,
): Promise<PackedImages> {
  const last = firstLabel + classNames.length - 1;
  return packImages({
    files: [imageFile, labelFile],
    reading: `emnist ${firstLabel} ${last}`,
    mostHeldBytes: mostUnpackedBytes,
    cacheDir,
    async fill(open) {
      const labels = await readIdxLabels(labelFile, firstLabel, last);
      await withBytes(imageFile, async (source) => {
        const reader = new PieceReader(source.pieces);
        try {
          const [count, width, height] = await readIdxHeader(imageFile, source, reader);
          if (count !== labels.length)
            throw new InputError(
              `Expected as many labels as images but ${labelFile} holds ${labels.length} labels and ` +
                `${imageFile} holds ${count} images; take both files from the same split`,
            );
          const take = open([height, width, 1]);
          const upright = new Uint8Array(height * width);
          for (let image = 0; image < count; image++) {
            const columns = await reader.take(upright.length);
            if (columns.length < upright.length)
              throw new InputError(
                `Expected ${count} images of ${width} x ${height} bytes in ${imageFile} but it ends in ` +
                  `image ${image}; the file is cut off: fetch it again`,
              );
            for (let column = 0; column < width; column++)
              for (let row = 0; row < height; row++)
                upright[row * width + column] = columns[column * height + row]!;
            take(upright, 0, labels[image]! - firstLabel);
          }
          if ((await reader.take(1)).length > 0)
            throw new InputError(
              `Expected ${count} images in ${imageFile} and no more but other bytes follow; the file is ` +
                "damaged: fetch it again",
            );
        } finally {
          await reader.close();
        }
      });
      return undefined;
    },
  });
}
