/**
 * k behind optimizers whose steps are made of past gradients too, by compensator and optimizer (the
 * names of `@ferret-ocl/pipeline`); behind plain descent see `Compensator.stalenessCost`.
 *
 * Fitted to the online accuracy of random plans (`npm run bench:objective`), momentum 0.9 at learning
 * rate 0.02 and Adam at 0.002, each with the powers and weights of the planner's `expectedProgress`
 * for that optimizer; its README has the figures.
 */
export const stalenessCostsBehind: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  none: { momentum: 0.5, adam: 0.5 },
  "delay-adaptive": { momentum: 0.5, adam: 0.5 },
  "rank-one": { momentum: 0.5, adam: 0.5 },
  secant: { momentum: 0.2, adam: 0.2 },
};
