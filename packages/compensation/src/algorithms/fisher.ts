import { method, positive } from "../method.js";
import { fisherStep } from "../tensor/iter-fisher.js";

/** Settings of `fisher`. */
export interface FisherOptions {
  /** lambda >= 0; default 0.2. */
  readonly lambda?: number;
}

/**
 * g + lambda g g (theta_now - theta_then): one Taylor step with the diagonal empirical Fisher
 * matrix for the Hessian (delay-compensated ASGD; S. Zheng et al., arXiv 1609.08326). The factor
 * 1 + lambda g d is held to [0, 2].
 */
export const fisher = method<FisherOptions>({
  name: "fisher",
  options: { lambda: positive(0.2) },
  floatsMoved: 6,
  create: (kernels, { lambda }) => ({
    name: "fisher",
    staysFinite: true,
    stateVectors: 0,
    init: () => null,
    update({ gradient, versions }) {
      if (versions.length > 1) kernels.iterativeFisher(gradient, ends(versions), lambda);
      return gradient;
    },
    ...(kernels.iterativeFisherSgd && {
      step({ destination, gradient, versions, learningRate }) {
        const newest = versions[versions.length - 1] as Float32Array;
        if (versions.length < 2) kernels.sgd(destination, newest, gradient, learningRate);
        else
          kernels.iterativeFisherSgd?.(
            destination,
            newest,
            gradient,
            ends(versions),
            lambda,
            learningRate,
          );
      },
    }),
  }),
  onTensors: ({ gradient, change, settings: { lambda } }) => fisherStep(gradient, change, lambda),
});

const ends = (versions: readonly Float32Array[]) =>
  [versions[0], versions[versions.length - 1]] as Float32Array[];
