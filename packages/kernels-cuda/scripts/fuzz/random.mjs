/**
 * Repeatable draws, one generator for each call of a run: a call depends only on its seed and its
 * number, so that each can be repeated by itself.
 */
export function drawing(seed, call) {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(call + 1, 0x85ebca6b)) >>> 0;
  const next = () => {
    // mulberry32 (T. Ettinger), public domain
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return {
    next,
    /** A whole number from 0 to before `count`. */
    below,
    pick: (list) => list[below(list.length)],
    chance: (share) => next() < share,
  };
}
