import type { Device } from "./device.js";
import type { Pipeline } from "./pipeline.js";

/**
 * Chooses the device that a free thread, or compute unit, serves next: among those for which the schedule has work,
 * backward passes go before forward ones, which frees memory, and old items before young ones.
 */
export class Choice {
  device: Device;
  kind: "F" | "B" = "F";
  readonly #pipeline: Pipeline;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.device = pipeline.devices[0] as Device;
  }

  /** Looks for work; false where there is none. To be called under the run's lock. */
  find(): boolean {
    let found = false;
    let oldest = 0;
    for (const device of this.#pipeline.devices) {
      const kind = this.#pipeline.next(device);
      if (kind === null) continue;
      const item = this.#pipeline.candidate(device, kind);
      const better = kind === this.kind ? item < oldest : kind === "B";
      if (found && !better) continue;
      this.device = device;
      this.kind = kind;
      oldest = item;
      found = true;
    }
    return found;
  }
}
