import { existsSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { InputError } from "../errors.js";
import { quoted, readText } from "../input-file.js";
import type { ListedImage } from "./listed-images.js";
import { foldersIn, isFolder, type TreeList, type TreeSource } from "./tree.js";

/** Objects, each a class. */
const classes = 50;

/** Orders of each scenario that the authors drew. */
const runs = 10;

/** What images of 128 x 128 are brought to, as in the small version that goes round. */
const size = 32;

/**
 * CORe50 (Lomonaco and Maltoni 2017) in the order of one of its scenarios: new classes (NC, nine batches
 * with classes of their own) or new instances (NI, eight batches, a session of all objects each). The
 * authors' file lists say which images come in which batch; of their ten runs the seed chooses one.
 * Sessions 3, 7 and 10 are the test split.
 */
export function core50(scenario: "NC" | "NI"): TreeSource {
  return {
    name: `core50-${scenario.toLowerCase()}`,
    folders: ["core50", "CORe50"],
    contents: "core50_128x128/ (or core50_32x32/) and batches_filelists/",
    page: "https://vlomonaco.github.io/core50/index.html#dataset",
    samples: null,
    imageSize: [size, size],
    holds: (folder) => imagesOf(folder) !== undefined && listsOf(folder) !== undefined,
    list(folder, seed): TreeList {
      const images = imagesOf(folder) as string;
      const run = ((seed % runs) + runs) % runs;
      const lists = runOf(join(listsOf(folder) as string, `${scenario}_inc`), run);
      const batches: ListedImage[][] = [];
      for (let batch = 0; ; batch++) {
        const list = join(lists, `train_batch_${String(batch).padStart(2, "0")}_filelist.txt`);
        if (!existsSync(list)) break;
        batches.push(readList(list, images));
      }
      const test = readList(join(lists, "test_filelist.txt"), images);
      if (batches.length === 0)
        throw new InputError(
          `Expected train_batch_00_filelist.txt and so on in ${lists} but found none; unpack ` +
            "batches_filelists.zip again",
        );
      return { train: batches, test, classes };
    },
  };
}

/** The folder with the sessions s1 to s11. */
function imagesOf(folder: string): string | undefined {
  const places = ["core50_128x128", "core50_32x32", "."].map((name) => join(folder, name));
  return places.find((place) => isFolder(join(place, "s1")));
}

/** The folder with the file lists: beside the images, or with them. */
function listsOf(folder: string): string | undefined {
  const places = [folder, join(folder, "core50_128x128"), dirname(folder)];
  return places.map((place) => join(place, "batches_filelists")).find(isFolder);
}

function runOf(lists: string, run: number): string {
  const found = isFolder(lists)
    ? foldersIn(lists).find((name) => name.toLowerCase() === `run${run}`)
    : undefined;
  if (found !== undefined) return join(lists, found);
  throw new InputError(
    `Expected the file lists of run ${run} in ${lists} but they are not there; unpack ` +
      "batches_filelists.zip, or choose another seed: its last digit is the run",
  );
}

/** Lines of a path below the images' folder and a label. */
function readList(list: string, images: string): ListedImage[] {
  const entries: ListedImage[] = [];
  for (const [at, line] of readText(list, "a list of images").split("\n").entries()) {
    if (line.trim() === "") continue;
    const [, path = "", digits = ""] = /^(\S+)\s+(\d+)\s*$/.exec(line) ?? [];
    const label = Number(digits);
    const inside = normalize(path);
    if (digits === "" || label >= classes || inside.startsWith("..") || inside.startsWith(sep))
      throw new InputError(
        `Expected a path below ${images} and a label 0 to ${classes - 1} in line ${at + 1} of ${list} ` +
          `but found ${quoted(line)}; unpack batches_filelists.zip again`,
      );
    entries.push({ path: join(images, inside), label });
  }
  return entries;
}
