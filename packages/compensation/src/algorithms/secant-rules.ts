/** lr h tau from which delay does harm: late descent overshoots beyond 1/e, diverges at pi/2. */
export const harmful = 0.7;
/**
 * The same where steps are not those of plain descent: an average of gradients comes late by itself,
 * and so delay does harm sooner.
 */
const harmfulBehindOthers = 0.2;
/** The most damping there, in 1 / lr, lr what a gradient moves weights by in all: not at once. */
const mostBehindOthers = 3;
/** Share of the weights' norm that they may move in tau updates, unknown curvature; from then on. */
export const unknownBesideReach = 0.08;
export const besideReach = 0.5;
/** The same along a matrix's direction, in units of what one of its rows holds; and from then on. */
export const unknownAlongReach = 0.15;
export const alongReach = 10;
/** Updates of a moving average, for each of staleness, beside the newest one. */
export const slowWindow = 0.5;
/** The same of the fast average that `rank-one` has beside it. */
export const fastWindow = 0.25;
/** Gradients over which staleness is averaged. */
const longest = 16;
/** How far ahead weights are published at the most, in updates. */
export const farthest = 32;
/** How much stronger measured curvature damps along the direction, where it is least and most. */
export const alongLeast = 1.6;
export const alongMost = 2.4;
/** The same beside it. */
export const besideLeast = 0.2;
export const besideMost = 1;
/** How fast damping answers the turn of gradients: this e-fold for a whole one. */
export const answer = 2;

/** The average with the staleness of gradient `count` taken in, the first one being 1. */
export function usualStaleness(average: number, staleness: number, count: number): number {
  return average + (staleness - average) / Math.min(count, longest);
}

/** What a moving average has of the noise of one gradient, of its square: that of 1 / n. */
export const noiseOfAverage = (rate: number): number => rate / (2 - rate);

/** The same of the difference of two averages of the same gradients. */
export function noiseOfDifference(rate: number, other: number): number {
  const both = (rate * other) / (rate + other - rate * other);
  return noiseOfAverage(rate) + noiseOfAverage(other) - 2 * both;
}

/**
 * By how much curvature is multiplied before it damps. Where gradients turn against the way that
 * weights went (`turn` > 0), descent overshoots and damping was too weak; where they go on pointing
 * along it, damping only holds them up.
 */
export const alongFactor = (turn: number, least = alongLeast): number =>
  Math.min(alongMost, least * Math.max(1, Math.exp(answer * turn)));

export const besideFactor = (turn: number): number =>
  Math.min(besideMost, Math.max(besideLeast, Math.exp(answer * turn)));

/** At most 1 / lr: a descent that is repaired with more would turn round. */
export const dampingOf = (h: number, delay: number, learningRate: number): number =>
  delay * h > harmful ? Math.min(h, 1 / learningRate) : 0;

/** The same where steps are not those of plain descent. */
export const dampingBehindOthers = (h: number, delay: number, learningRate: number): number =>
  delay * h > harmfulBehindOthers ? Math.min(h, mostBehindOthers / learningRate) : 0;

/** The scale at which a step stays within `most`; weights that are all zero have nothing to lose. */
export const shorten = (step: number, most: number): number =>
  most > 0 ? 1 / Math.max(1, step / most) : 1;

/** Updates ahead: further where gradients go on pointing along the way that weights went. */
export const updatesAhead = (staleness: number, turn: number, reach: number): number =>
  Math.min(farthest, reach * staleness * Math.exp(-turn));

/**
 * How much of what tau steps along today's gradient would come to is worth publishing ahead, r =
 * lr h tau: descent with curvature h comes to (1 - exp(-r)) / r of it, and from r = 1 on late
 * descent overshoots by itself.
 */
export function shareAhead(r: number): number {
  if (r <= 1e-6) return 1;
  return ((1 - Math.exp(-r)) / r) * Math.max(0, 1 - r);
}
