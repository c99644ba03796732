import { method } from "../method.js";
import { scaling } from "./scaling.js";

/**
 * g / (tau + 1): the step shrinks with the staleness tau, whatever the problem (staleness-aware
 * asynchronous SGD; W. Zhang et al., arXiv 1511.05950).
 */
export const stepAware = method({
  name: "step-aware",
  options: {},
  floatsMoved: 4,
  create: (kernels) => scaling(kernels, "step-aware", ({ staleness }) => 1 / (staleness + 1)),
  onTensors: ({ gradient, context }) => gradient.div(context.staleness + 1),
});
