import { basename, dirname, sep } from "node:path";
import { InputError } from "../errors.js";
import type { DataOrigin, Dataset } from "./contract.js";
import { Checked, expectOneOwner, expectSameContent, ownershipOf } from "./ownership.js";
import { type Candidate, findFiles, fittingFiles, type Source } from "./source.js";
import { lookalikes, sources } from "./sources.js";

/** How a known data set's files are read. */
export interface SourceLoadOptions {
  readonly seed: number;
  /** See `HeldOut`. */
  readonly fromEnd?: boolean | undefined;
  /** See `SourceRequest`. */
  readonly cacheDir?: string | undefined;
  /** Called with a line of what people should know of the data. */
  readonly onNotice?: (line: string) => void;
}

/**
 * The first of the folders that does not turn out to hold another data set's files, among those that
 * are not named after this one.
 */
export async function firstOwn(
  source: Source,
  candidates: readonly Candidate[],
): Promise<Candidate | undefined> {
  for (const candidate of candidates) {
    if (candidate.isNamed) return candidate;
    const ownership = await ownershipOf(candidate.paths, setsLike(candidate.paths));
    if (ownership.kind !== "whole" || ownership.name === source.name) return candidate;
  }
  return undefined;
}

/** Which known data set is in a folder; undefined where it is none. @throws InputError where it is open. */
export async function sourceIn(folder: string): Promise<Source | undefined> {
  const known = sources.filter((source) => findFiles(source, folder));
  const [only, ...others] = known;
  if (only === undefined || others.length === 0) return only;
  const paths = findFiles(only, folder) as string[][];
  const names = known.map(({ name }) => name);
  // Files that are each one set's own need no checksum: there are just several sets.
  if (others.some((other) => `${findFiles(other, folder)}` !== `${paths}`))
    throw new InputError(
      `Expected the files of one data set in ${folder} but found those of ${names.join(", ")}; say ` +
        `which with --dataset ${names[0]} --data-dir ${folder}`,
    );
  const ownership = await ownershipOf(paths, setsLike(paths));
  expectOneOwner(ownership, names.join(" or "));
  const owner = ownership.kind === "whole" ? ownership.name : undefined;
  const found = known.find(({ name }) => name === owner);
  if (found) return found;
  throw new InputError(
    `Expected the files of ${names.join(" or ")} in ${folder} but by their checksums they are ` +
      `${owner ?? "neither's"}; say how to read them with --dataset ${names[0]} --data-dir ${folder}, ` +
      `or ${names.slice(1).join(" or ")} there`,
  );
}

/** Reads a known data set's files, and says by their checksums whether they are the published ones. */
export async function readSource(
  source: Source,
  paths: readonly string[][],
  { seed, fromEnd, cacheDir, onNotice }: SourceLoadOptions,
): Promise<Dataset> {
  await expectOneVersion(source, dirname(paths[0]?.[0] as string));
  const ownership = await ownershipOf(paths, setsLike(paths));
  expectOneOwner(ownership, source.name);
  if (ownership.kind === "whole" && ownership.name !== source.name)
    throw new InputError(
      `Expected the files of ${source.name} in ${dirname(paths[0]?.[0] as string)} but by their ` +
        `checksums they are ${ownership.name}'s; ask for that, or name the folder of ${source.name}`,
    );
  const dataset = await source.read(paths, { seed, fromEnd, cacheDir });
  if (ownership.kind === "whole") return { ...dataset, origin: { files: "published" } };
  const files = await unownedFiles(source, paths, dataset);
  if (files === "unchecked") return { ...dataset, origin: { files } };
  const name = `${source.name} (other files)`;
  onNotice?.(
    `${source.name}: the files in ${dirname(paths[0]?.[0] as string)}, with ${dataset.train.count} and ` +
      `${dataset.test.count} samples, are not the published ones; records call them "${name}"`,
  );
  return { ...dataset, name, origin: { files } };
}

/** Of files that no checksum knows: as good as the published ones, as far as can be told, or not. */
async function unownedFiles(
  source: Source,
  paths: readonly string[][],
  { train, test }: Dataset,
): Promise<DataOrigin["files"]> {
  const { samples } = source;
  const counted =
    typeof samples === "number"
      ? train.count + test.count === samples
      : train.count === samples[0] && test.count === samples[1];
  if (!counted) return "other";
  for (const [row, files] of paths.entries())
    for (const path of files)
      if ((await new Checked(path).isPublished(source.files[row])) === false) return "other";
  return "unchecked";
}

/** Data sets whose files have the names of these. */
function setsLike(paths: readonly (readonly string[])[]) {
  const fits = (source: Pick<Source, "files">) =>
    source.files.length === paths.length &&
    source.files.every(({ pattern }, row) =>
      paths[row]?.every((path) => pattern.test(path.split(sep).at(-1) as string)),
    );
  return [...sources, ...lookalikes].filter(fits);
}

/** Refuses a file that is there in two versions, told by name or content. */
async function expectOneVersion(source: Source, folder: string): Promise<void> {
  for (const file of source.files) {
    const fitting = fittingFiles(file, folder);
    if (!file.many) await expectSameContent(fitting);
    const numberOf = (path: string) => Number(/\d+/.exec(basename(path))?.[0]);
    const [twice, again] = file.many
      ? fitting.flatMap((path, at) => {
          const before = fitting.slice(0, at).find((other) => numberOf(other) === numberOf(path));
          return before ? [before, path] : [];
        })
      : [];
    if (twice !== undefined && again !== undefined)
      throw new InputError(
        `Expected one file for each number of ${file.name} in ${folder} but found ` +
          `${basename(twice)} and ${basename(again)}; remove the one that is not meant`,
      );
  }
}
