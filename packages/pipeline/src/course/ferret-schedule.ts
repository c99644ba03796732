import type { Schedule } from "./device-schedule.js";

/**
 * Asynchronous one-forward-one-backward without flushes (system of arXiv 2503.12053, section 4):
 * a backward pass that is ready goes first, because it frees memory and makes weights fresher.
 *
 * ```
 * stage 0  F0 F1 .. B0 B0 F2 B1 B1 F3 ..
 * stage 1  .. F0 B0 B0 F1 B1 B1 F2 B2 B2
 * ```
 */
export const ferretSchedule: Schedule = {
  name: "ferret",
  next: (_worker, _stage, device) =>
    device.backwardReady ? "B" : device.forwardReady ? "F" : null,
};
