import { checkArray, checkCut, checkObject, checkWhole } from "./check.js";
import { expected } from "./errors.js";
import {
  align64,
  checkOverheads,
  type MemoryPrediction,
  noOverheads,
  type Overheads,
  predictSlots,
  stageBytes,
} from "./memory.js";
import type { LayerProfile, Profile } from "./profile.js";
import type { Slots } from "./slots.js";

/** The counts that bytes are given for. */
const countedSlots = ["versions", "accumulators", "saved", "boundaries", "labels"] as const;

/**
 * `predictMemory` for a schedule that needs slots other than those of Ferret's pipeline: what an
 * engine allocates for `counts`, if it never recomputes activations. What is kept between the two
 * halves of a backward pass counts as activations.
 * @param overheads those left out are as in `noOverheads`.
 * @throws InputError if an argument is invalid, or if `counts.pending` needs what the profile does
 *   not say.
 */
export function predictSlotMemory(
  profile: Profile,
  partition: readonly number[],
  counts: Slots,
  overheads: Partial<Overheads> = noOverheads,
): MemoryPrediction {
  checkCut(profile, partition);
  checkObject(counts, "counts");
  for (const field of countedSlots) checkArray(counts[field], `counts.${field}`);
  checkWhole(counts.inputs, "counts.inputs");
  const { total, byCategory } = predictSlots(
    stageBytes(profile, partition),
    counts,
    false,
    checkOverheads(overheads),
  );
  const { pending } = counts;
  if (!pending) return { total, byCategory };
  const bytes = pendingBytes(profile, partition);
  let waiting = 0;
  pending.forEach((count, stage) => {
    waiting += count * (bytes[stage] as number);
  });
  return {
    total: total + waiting,
    byCategory: { ...byCategory, activations: byCategory.activations + waiting },
  };
}

/** Bytes of one item that wait at every stage for the gradients at its parameters. */
function pendingBytes({ layers }: Profile, partition: readonly number[]): number[] {
  const bytesOf = (index: number, field: "pendingBytes" | "pendingInputBytes") => {
    const bytes = (layers[index] as LayerProfile)[field];
    if (bytes === undefined)
      throw expected(
        "bytes, which a schedule that splits the backward pass needs (profile the model again),",
        `profile.layers[${index}].${field}`,
        bytes,
      );
    return align64(bytes);
  };
  return partition.map((start, stage) => {
    let sum = bytesOf(start, "pendingInputBytes");
    const end = partition[stage + 1] ?? layers.length;
    for (let index = start; index < end; index += 1) sum += bytesOf(index, "pendingBytes");
    return sum;
  });
}
