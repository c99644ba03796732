import { InputError } from "../../errors.js";
import type { Slot } from "./names.js";

/** What PyTorch's wrappers put into names: of data parallel, compiled, sharded modules. */
const wrappers = new Set([
  "module",
  "_orig_mod",
  "_fsdp_wrapped_module",
  "_checkpoint_wrapped_module",
]);

/** What PyTorch saves besides weights, and what is not needed here. */
const torchCounters = /(^|\.)(num_batches_tracked|n_averaged)$/;

/** Which tensor of a file is which of a model's. */
export interface Match {
  /** By place: the file's name of its tensor; undefined where it is missing. */
  readonly names: readonly (string | undefined)[];
  /** Names of the file that have no place. */
  readonly unused: readonly string[];
}

/**
 * Finds a model's tensors among a file's names: as they are; or without what Keras 2 appends to
 * them (`:0`) or what a PyTorch wrapper inserts (`module.`, `_orig_mod.`); or all after one more
 * prefix, as Keras 3 (`sequential/dense/kernel`) and many PyTorch programs write them.
 *
 * @param separator between the parts of a name.
 * @returns the first way that finds all; if there is none, the one that finds most.
 * @throws InputError if two tensors of the file are meant for the same place.
 */
export function matchNames(
  slots: readonly Slot[],
  names: readonly string[],
  separator: "/" | ".",
): Match {
  const bare = (name: string) => withoutWrappers(name.replace(/:\d+$/, ""), separator);
  const ways = [(name: string) => name, bare];
  for (const prefix of prefixes(slots[0], names.map(bare), separator))
    ways.push((name) => {
      const plain = bare(name);
      // What does not stand behind it is none of the model's.
      return plain.startsWith(prefix) ? plain.slice(prefix.length) : "";
    });
  let best: Match | null = null;
  for (const way of ways) {
    const match = matchBy(way, slots, names, separator);
    if (match.names.every((name) => name !== undefined)) return match;
    if (!best || countFound(match) > countFound(best)) best = match;
  }
  return best as Match;
}

export const countFound = ({ names }: Match) => names.filter((name) => name !== undefined).length;

function matchBy(
  way: (name: string) => string,
  slots: readonly Slot[],
  names: readonly string[],
  separator: "/" | ".",
): Match {
  const byName = new Map<string, string[]>();
  for (const name of names) {
    const known = way(name);
    byName.set(known, [...(byName.get(known) ?? []), name]);
  }
  const found = slots.map(({ name, alias }) => {
    const all = [...(byName.get(name) ?? []), ...(alias ? (byName.get(alias) ?? []) : [])];
    if (all.length > 1)
      throw new InputError(
        `Expected one tensor for ${name} but ${all.slice(0, 3).join(" and ")} are meant for it; ` +
          "keep one of them",
      );
    return all[0];
  });
  const used = new Set(found);
  return {
    names: found,
    unused: names.filter(
      (name) => !used.has(name) && !(separator === "." && torchCounters.test(name)),
    ),
  };
}

function withoutWrappers(name: string, separator: "/" | "."): string {
  if (separator === "/") return name;
  const parts = name.split(separator);
  return parts.filter((part) => !wrappers.has(part)).join(separator);
}

/** What stands before the first tensor's name wherever a name ends with it. */
function prefixes(slot: Slot | undefined, names: readonly string[], separator: string): string[] {
  if (!slot) return [];
  const ends = [slot.name, ...(slot.alias ? [slot.alias] : [])].map((name) => separator + name);
  return names.flatMap((name) =>
    ends
      .filter((end) => name.endsWith(end))
      .map((end) => name.slice(0, name.length - end.length + 1)),
  );
}
