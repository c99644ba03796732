import { clear } from "./clear.js";
import { core50 } from "./core50.js";
import { tinyImageNet } from "./tiny-imagenet.js";
import type { TreeSource } from "./tree.js";

/** The data sets of image files. */
export const trees: readonly TreeSource[] = [
  tinyImageNet,
  core50("NC"),
  core50("NI"),
  clear("clear10"),
  clear("clear100"),
];
