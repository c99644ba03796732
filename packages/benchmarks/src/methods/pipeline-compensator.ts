import { type Compensator, createCompensator, type VectorKernels } from "@ferret-ocl/compensation";

/**
 * A compensator by name, for the stages of a pipeline. They are late by different counts, so one that
 * published its weights ahead would run ahead of the others: `secant` leads nowhere here.
 */
export const pipelineCompensator = (name: string, kernels: VectorKernels): Compensator =>
  createCompensator(name, name === "secant" ? { leadReach: 0 } : {}, kernels);
