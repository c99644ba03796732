import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "../errors.js";
import { quoted, readText } from "../input-file.js";
import type { ListedImage } from "./listed-images.js";
import { foldersIn, imagesByClass, isFolder, type TreeList, type TreeSource } from "./tree.js";

/**
 * Tiny-ImageNet (Le and Yang 2015) as it is published: 200 folders of JPEGs, some of them grey, for
 * training; the validation images, which serve as the test split since the labels of the test images are not
 * public, in one folder with `val_annotations.txt`. Images sorted into folders by class are taken too.
 */
export const tinyImageNet: TreeSource = {
  name: "tiny-imagenet",
  folders: ["tiny-imagenet-200", "tiny-imagenet"],
  contents: "train/<class>/images and val/ with val_annotations.txt, as in tiny-imagenet-200.zip,",
  page: "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
  samples: [100_000, 10_000],
  imageSize: null,
  holds: (folder) =>
    existsSync(join(folder, "wnids.txt")) &&
    isFolder(join(folder, "train")) &&
    isFolder(join(folder, "val")),
  list(folder): TreeList {
    const classNames = foldersIn(join(folder, "train"));
    const train = [imagesByClass(join(folder, "train"), classNames)];
    return {
      train,
      test: validation(join(folder, "val"), classNames),
      classes: classNames.length,
      classNames,
    };
  },
};

/** The validation images by their list, or by folders of classes where there is none. */
function validation(folder: string, classNames: readonly string[]): ListedImage[] {
  const list = join(folder, "val_annotations.txt");
  if (!existsSync(list)) return imagesByClass(folder, classNames);
  const classOf = new Map(classNames.map((name, label) => [name, label]));
  const lines = readText(list, "a list of images").split("\n");
  return lines.flatMap((line, at) => {
    if (line.trim() === "") return [];
    // Name, class, and the corners of a box.
    const [name = "", wordNet = ""] = line.split("\t");
    const label = classOf.get(wordNet.trim());
    if (label === undefined || name !== basename(name))
      throw new InputError(
        `Expected the name of an image and one of the ${classNames.length} classes of train/ in line ` +
          `${at + 1} of ${list} but found ${quoted(line)}; unpack the data set again`,
      );
    return [{ path: join(folder, "images", name), label }];
  });
}
