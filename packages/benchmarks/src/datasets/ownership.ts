import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { InputError } from "../errors.js";
import type { Checksum } from "./download.js";
import { withBytes } from "./read-file.js";

/** What is known of one published file. */
interface PublishedFile {
  /** The file as it is published, packed or not. */
  readonly remote?: { readonly url: string; readonly checksum: Checksum };
  /** What is in it, unpacked: its size in bytes and its name as a blob of git. */
  readonly content?: { readonly bytes: number; readonly id: string };
}

/** A data set by its published files, one for each row of a source's files. */
export interface PublishedSet {
  readonly name: string;
  readonly files: readonly PublishedFile[];
}

/** Whose files those of a folder are, by checksum. */
export type Ownership =
  /** All are the published ones of a data set. */
  | { readonly kind: "whole"; readonly name: string }
  /** Some are; by path whose, or null. */
  | { readonly kind: "mixed"; readonly owners: ReadonlyMap<string, string | null> }
  | { readonly kind: "unknown" };

/**
 * Tells data sets of equal file names apart by what is in the files.
 * @param paths the files, a list for each row.
 * @param sets data sets whose files have such names.
 */
export async function ownershipOf(
  paths: readonly (readonly string[])[],
  sets: readonly PublishedSet[],
): Promise<Ownership> {
  const owners = new Map<string, string | null>();
  for (const [row, files] of paths.entries())
    for (const path of files) {
      const file = new Checked(path);
      owners.set(path, null);
      for (const { name, files } of sets)
        if ((await file.isPublished(files[row])) === true) owners.set(path, name);
    }
  const names = new Set(owners.values());
  const [name] = names;
  if (names.size > 1) return { kind: "mixed", owners };
  return name ? { kind: "whole", name } : { kind: "unknown" };
}

/** A file and its checksums, each computed once. */
export class Checked {
  readonly #known = new Map<string, Promise<string>>();

  constructor(private readonly path: string) {}

  /** Whether it is a published file; null where no checksum is known for the form it is in. */
  async isPublished(published: PublishedFile | undefined): Promise<boolean | null> {
    const { isPacked, mostBytes } = await withBytes(this.path, async (source) => source);
    const remote = published?.remote;
    if (remote) {
      const { algorithm, value } = remote.checksum;
      const isRemotePacked = remote.url.endsWith(".gz");
      // Packed anew, the same content has other bytes.
      if (isPacked === isRemotePacked && (await this.#sum(algorithm, "stored")) === value)
        return true;
      if (!isRemotePacked) return isPacked && (await this.#sum(algorithm, "content")) === value;
    }
    if (!published?.content) return null;
    const { bytes, id } = published.content;
    if (isPacked ? mostBytes < bytes : mostBytes !== bytes) return false;
    return (await this.#blob(bytes)) === id;
  }

  #sum(algorithm: string, of: "stored" | "content"): Promise<string> {
    return this.#once(`${algorithm} ${of}`, () =>
      withBytes(this.path, async ({ pieces, stored }) => {
        const hash = createHash(algorithm);
        for await (const piece of of === "stored" ? stored() : pieces) hash.update(piece);
        return hash.digest("hex");
      }),
    );
  }

  /** The content's name as a blob of git where it is so many bytes long, else another text. */
  #blob(bytes: number): Promise<string> {
    return this.#once(`blob ${bytes}`, () =>
      withBytes(this.path, async ({ pieces }) => {
        const hash = createHash("sha1").update(`blob ${bytes}\0`);
        let length = 0;
        for await (const piece of pieces) {
          length += piece.length;
          if (length > bytes) return "longer";
          hash.update(piece);
        }
        return length === bytes ? hash.digest("hex") : "shorter";
      }),
    );
  }

  #once(key: string, compute: () => Promise<string>): Promise<string> {
    const known = this.#known.get(key) ?? compute();
    this.#known.set(key, known);
    return known;
  }

  /** Checksum of the content, unpacked. */
  content(): Promise<string> {
    return this.#sum("sha256", "content");
  }
}

/** Refuses files of which only some are a data set's. @throws InputError */
export function expectOneOwner(ownership: Ownership, asked: string): void {
  if (ownership.kind !== "mixed") return;
  const entries = [...ownership.owners];
  const folder = dirname(entries[0]?.[0] ?? "");
  const named = new Set(entries.flatMap(([, name]) => name ?? []));
  const told = entries.map(([path, name]) => `${basename(path)} is ${name ? `${name}'s` : "none"}`);
  throw new InputError(
    `Expected all files of ${named.size > 1 ? "one data set" : (asked ?? "a data set")} in ${folder} ` +
      `but by their checksums ${told.join(", ")}; take all of them from one version`,
  );
}

/**
 * Of several files that go by the name of one, all must hold the same, packed or not.
 * @throws InputError that names two that differ.
 */
export async function expectSameContent(paths: readonly string[]): Promise<void> {
  const [first, ...others] = paths;
  if (first === undefined || others.length === 0) return;
  const expected = await new Checked(first).content();
  for (const other of others)
    if ((await new Checked(other).content()) !== expected)
      throw new InputError(
        `Expected one version of a file but ${first} and ${other} hold different things; ` +
          "remove the one that is not meant",
      );
}
