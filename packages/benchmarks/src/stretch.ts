import { z } from "zod";

const count = z.int().nonnegative();

/** A stretch of a stream that a model has been taken over. */
export const stretch = z
  .object({
    dataset: z.string(),
    /** Samples of its training split. */
    train: count,
    order: z.string(),
    seed: z.int(),
    /** Places of the stream, in samples: from the first one up to, but not with, the last. */
    from: count,
    to: count,
  })
  .readonly();

export type Stretch = z.infer<typeof stretch>;
