import { type Compensator, createCompensator, type VectorKernels } from "@ferret-ocl/compensation";

/**
 * Settings of a compensator for the stages of a pipeline. `secant` publishes nothing ahead there:
 * doing so cost MNISTNet 4.5 points of online accuracy and gained an MLP none, see compensation's
 * README.
 */
export function pipelineSettings(name: string): Readonly<Record<string, number>> {
  return name === "secant" ? { leadReach: 0 } : {};
}

/** A compensator by name, with these settings. */
export function pipelineCompensator(name: string, kernels: VectorKernels): Compensator {
  return createCompensator(name, pipelineSettings(name), kernels);
}
