import { createHash } from "node:crypto";
import type { ResultRecord } from "./record.js";
import type { RunSetting } from "./setting.js";

/** Digits of a checksum that tell the weights of a few models apart. */
const digits = 12;

/** What the record says of the weights that a run begins with; null where they are drawn. */
export function recordStart(
  { model, weights }: Pick<RunSetting, "model" | "weights">,
  parameters: Float32Array | undefined,
): { readonly path: string; readonly sha256: string } | null {
  if (!parameters) return null;
  const { buffer, byteOffset, byteLength } = parameters;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const sha256 = createHash("sha256").update(bytes).digest("hex").slice(0, digits);
  return { path: weights ?? model, sha256 };
}

/** What the record says of a plan that was given by hand; null where it was searched. */
export function recordGivenPlan({
  given: { partition, workers, inFlight },
}: Pick<RunSetting, "given">): ResultRecord["givenPlan"] {
  if (!partition) return null;
  return {
    partition: [...partition],
    workers:
      workers?.map(({ recompute, accumulate, omit }) => ({
        recompute,
        accumulate: [...accumulate],
        omit: [...omit],
      })) ?? null,
    ...(inFlight && { inFlight: [...inFlight] }),
  };
}
