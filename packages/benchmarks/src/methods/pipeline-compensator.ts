import { type Compensator, createCompensator, type VectorKernels } from "@ferret-ocl/compensation";

/**
 * A compensator by name, for the stages of a pipeline. `secant` publishes nothing ahead there: that
 * cost MNISTNet 4.5 points of online accuracy and brought an MLP none, see the README of compensation.
 */
export const pipelineCompensator = (name: string, kernels: VectorKernels): Compensator =>
  createCompensator(name, name === "secant" ? { leadReach: 0 } : {}, kernels);
