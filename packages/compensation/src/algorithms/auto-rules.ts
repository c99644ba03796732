/** lr h tau from which delay does harm: late descent overshoots beyond 1/e, diverges at pi/2. */
export const harmful = 0.7;
/** Share of the weights' norm that they may move in tau updates while no curvature is known. */
export const reach = 0.04;
/** The same along a matrix's direction, in units of what one of its rows holds; and from then on. */
export const unknownReach = 0.15;
export const alongReach = 10;
/** Updates of a moving average, for each of staleness, beside the newest one. */
export const fastWindow = 0.25;
export const slowWindow = 0.5;
/** Gradients over which staleness is averaged. */
const longest = 16;
/** How far ahead weights are published, in staleness. */
export const farAhead = 1.3;

/** The average with the staleness of gradient `count` taken in, the first one being 1. */
export function usualStaleness(average: number, staleness: number, count: number): number {
  return average + (staleness - average) / Math.min(count, longest);
}

/** At most 1 / lr: a descent that is repaired with more would turn round. */
export const dampingOf = (h: number, delay: number, learningRate: number): number =>
  delay * h > harmful ? Math.min(h, 1 / learningRate) : 0;

/** The scale at which a step stays within `most`; weights that are all zero have nothing to lose. */
export const shorten = (step: number, most: number): number =>
  most > 0 ? 1 / Math.max(1, step / most) : 1;

/** How much of y repairs a change d: the least squares of d = k s, as far as they point one way. */
export function shareOf(product: number, square: number, change: number): number {
  if (!(square > 0 && change > 0)) return 0;
  const closest = Math.min(1, Math.max(-1, product / square));
  return (closest * Math.abs(product)) / Math.sqrt(square * change);
}

/**
 * How much of what tau steps along today's gradient would come to is worth publishing ahead, r =
 * lr h tau: descent with curvature h comes to (1 - exp(-r)) / r of it, and from r = 1 on late
 * descent overshoots by itself.
 */
export function shareAhead(r: number): number {
  if (r <= 1e-6) return 1;
  return ((1 - Math.exp(-r)) / r) * Math.max(0, 1 - r);
}
