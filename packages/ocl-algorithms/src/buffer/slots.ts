import type { StateParts } from "../state.js";

/** Decides which slot of a full memory a sample of the stream takes; slots fill from 0. */
export interface Slots {
  /** Slots in use. */
  readonly size: number;
  /** The slot for the next sample of the stream, or -1 if it is not kept. */
  place(label: number): number;
  /** What an algorithm saves of it with its own state. */
  parts(): StateParts;
}
