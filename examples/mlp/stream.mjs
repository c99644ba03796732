// The stream of play-a-plan.mjs.

export const batch = 10;

/** Numbers between 0 and 1 by Park and Miller's generator, the same in every language. */
export function createRandom(seed) {
  let state = seed;
  return () => {
    state = (16807 * state) % 2147483647;
    return state / 2147483647;
  };
}

/** Points of a square. The class is the quarter a point lies in, about a centre that goes to and fro. */
export function drawItem(random, k) {
  const centre = Math.abs(((k / 200) % 2) - 1) - 0.5;
  const points = Array.from({ length: batch }, () => [2 * random() - 1, 2 * random() - 1]);
  return {
    x: points.map((point) => point.map(Math.fround)),
    labels: points.map(([a, b]) => (a > centre ? 1 : 0) + (b > centre ? 2 : 0)),
  };
}
