import { method } from "../method.js";

/** Applies stale gradients as they are. */
export const none = method({
  name: "none",
  options: {},
  floatsMoved: 0,
  stalenessCost: 0.24,
  stalenessCostBehind: { momentum: 0.5, adam: 0.5 },
  create: () => ({
    name: "none",
    stateVectors: 0,
    leavesGradients: true,
    init: () => null,
    update: ({ gradient }) => gradient,
  }),
  onTensors: ({ gradient }) => gradient.clone(),
});
