import { readDuration } from "@ferret-ocl/planner";
import { InputError } from "../errors.js";

/**
 * When checkpoints are written: at messages whose number is a multiple of `items`, counted over all
 * restarts, or after so many milliseconds.
 */
export type Every = { readonly items: number } | { readonly milliseconds: number };

/**
 * Reads `100items` or `30s`.
 * @throws InputError for anything else.
 */
export function parseEvery(text: string, option = "--every"): Every {
  const [, items] = /^\s*(\d{1,15})\s*items?\s*$/.exec(text) ?? [];
  if (items !== undefined && Number(items) > 0) return { items: Number(items) };
  if (items !== undefined || !/\d\s*(ns|us|ms|s)\s*$/.test(text))
    throw new InputError(
      `Expected items such as 100items, or a time such as 30s, for ${option} but received "${text}"`,
    );
  return { milliseconds: readDuration(text, option) };
}
