/** What one device, that is one stage of one worker, could do now. */
export interface DeviceState {
  /** An item waits for its forward pass and every buffer it needs is free. */
  forwardReady: boolean;
  /** An item's output gradient has arrived. */
  backwardReady: boolean;
}

/** Answers one question: given what is ready on this device, which action is next? */
export interface Schedule {
  readonly name: string;
  next(worker: number, stage: number, device: DeviceState): "F" | "B" | null;
}
