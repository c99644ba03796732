import { InputError } from "../errors.js";
import { MatFile } from "./mat.js";
import { mostUnpackedBytes, type PackedImages, packImages } from "./packed-images.js";

const classes = 10;

/**
 * Reads the cropped digits of SVHN (Netzer et al. 2011): a .mat file with the images `X`, height x width
 * x 3 x n unsigned bytes, column by column, and the labels `y`, 1 to 10, where 10 is the digit 0.
 *
 * @throws InputError for other arrays, labels that are none, and what `MatFile` refuses.
 */
export async function readSvhn(path: string, cacheDir?: string): Promise<PackedImages> {
  return packImages({
    files: [path],
    reading: "svhn",
    mostHeldBytes: mostUnpackedBytes,
    cacheDir,
    async fill(open) {
      const mat = await MatFile.open(path);
      try {
        const images = mat.array("X");
        const [height = 0, width = 0, channels = 0, count = 0] = images.dimensions;
        if (images.dimensions.length !== 4 || channels !== 3 || images.count === 0)
          throw new InputError(
            `Expected images of height x width x 3 x n values in the array "X" of ${path} but found ` +
              `${images.dimensions.join(" x ")}; take SVHN's cropped digits (format 2)`,
          );
        if (mat.array("y").count !== count)
          throw new InputError(
            `Expected ${count} labels in the array "y" of ${path}, one for each image in "X", but found ` +
              `${mat.array("y").count}; fetch the file again`,
          );
        const labels = await mat.numbersOf("y");
        const wrong = labels.findIndex(
          (label) => !(Number.isInteger(label) && label >= 1 && label <= classes),
        );
        if (wrong >= 0)
          throw new InputError(
            `Expected labels 1 to ${classes} in the array "y" of ${path} but found ${labels[wrong]} at ` +
              `place ${wrong + 1}; the file is damaged or belongs to another data set`,
          );
        const take = open([height, width, 3]);
        const upright = new Uint8Array(height * width * 3);
        let image = 0;
        for await (const columns of mat.bytesOf("X", upright.length)) {
          fromColumns(columns, height, width, upright);
          take(upright, 0, labels[image]! % classes);
          image += 1;
        }
      } finally {
        mat.close();
      }
      return undefined;
    },
  });
}

/** Planes of one colour, column by column, to rows of pixels. */
function fromColumns(columns: Uint8Array, height: number, width: number, rows: Uint8Array): void {
  let from = 0;
  for (let channel = 0; channel < 3; channel++)
    for (let column = 0; column < width; column++)
      for (let row = 0; row < height; row++)
        rows[3 * (row * width + column) + channel] = columns[from++]!;
}
