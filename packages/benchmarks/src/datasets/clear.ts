import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { readText } from "../input-file.js";
import { foldersIn, imagesByClass, isFolder, type TreeList, type TreeSource } from "./tree.js";

/** What images are brought to: ResNet-18 and MobileNet take up to 64 pixels with their small stem (ours). */
const size = 64;

/** A version of CLEAR (Lin et al. 2021): photographs by the time they were uploaded, in ten buckets. */
export function clear(name: "clear10" | "clear100"): TreeSource {
  return {
    name,
    folders: [name, name.toUpperCase()],
    contents:
      "train_image_only/ (or train/) and test/, each with labeled_images/<bucket>/<class>/ and " +
      "class_names.txt,",
    page: "https://clear-benchmark.github.io",
    samples: null,
    imageSize: [size, size],
    holds: (folder) => trainOf(folder) !== undefined && isFolder(labelled(join(folder, "test"))),
    list(folder): TreeList {
      const train = trainOf(folder) as string;
      const classNames = classesOf(train);
      const test = bucketsOf(join(folder, "test"));
      return {
        train: bucketsOf(train).map((bucket) =>
          imagesByClass(bucket, classNames, { mayLack: true }),
        ),
        test: test.flatMap((bucket) => imagesByClass(bucket, classNames, { mayLack: true })),
        classes: classNames.length,
        classNames,
      };
    },
  };
}

const labelled = (split: string) => join(split, "labeled_images");

function trainOf(folder: string): string | undefined {
  const places = ["train_image_only", "train"].map((name) => join(folder, name));
  return places.find((place) => isFolder(labelled(place)));
}

/** The buckets of a split, in the order of time: folders named by numbers. */
function bucketsOf(split: string): string[] {
  const folder = labelled(split);
  const numbers = foldersIn(folder).filter((name) => /^\d+$/.test(name));
  if (numbers.length === 0)
    throw new InputError(
      `Expected folders 1, 2 and so on, one a time bucket, in ${folder} but found none; unpack the ` +
        "data set again",
    );
  return numbers
    .sort((left, right) => Number(left) - Number(right))
    .map((name) => join(folder, name));
}

/** The classes in the order of their list, else by name. */
function classesOf(split: string): string[] {
  const list = join(split, "class_names.txt");
  if (existsSync(list))
    return readText(list, "names of classes")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  const names = bucketsOf(split).flatMap(foldersIn);
  return [...new Set(names)].sort();
}
