import type { LateStep } from "./contract.js";

const nothing: Float32Array = new Float32Array();

/**
 * Hands a call on with another state: what wraps a compensator keeps one with its own state, so that
 * an update allocates nothing.
 */
export class HandedOn<State> implements LateStep<State> {
  destination = nothing;
  gradient = nothing;
  versions: readonly Float32Array[] = [];
  staleness = 0;
  learningRate = 0;
  pending: number | undefined = undefined;
  stepFactor: number | undefined = undefined;

  constructor(readonly state: State) {}

  /** The call with this state; good until the next one. */
  from(late: LateStep | Omit<LateStep, "destination">): this {
    this.gradient = late.gradient;
    this.versions = late.versions;
    this.staleness = late.staleness;
    this.learningRate = late.learningRate;
    this.pending = late.pending;
    this.stepFactor = late.stepFactor;
    return this;
  }

  /** The same of a step. */
  fromStep(late: LateStep): this {
    this.destination = late.destination;
    return this.from(late);
  }
}
