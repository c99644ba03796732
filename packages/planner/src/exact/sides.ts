import type { Side } from "../stage-terms.js";

const lists: readonly (readonly Side[])[] = [[0], [0, 1], [1]];

/**
 * What the workers of a case may be. A lone one either recomputes or does not: two cases of one side
 * each.
 */
export function sidesOf(count: number, mayRecompute: boolean): readonly Side[] {
  return lists[Number(mayRecompute) + Number(mayRecompute && count === 1)] as readonly Side[];
}
