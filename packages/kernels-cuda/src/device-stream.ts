/** What the memory of a buffer holds. Sums and other numbers that stay on a device are float64. */
export type DeviceElement = "float32" | "float64";

/** Memory of a device. Freed by `free`, or by the garbage collector once nothing refers to it. */
export interface DeviceBuffer {
  readonly length: number;
  readonly bytes: number;
  readonly type: DeviceElement;
  /** Index of the device. */
  readonly device: number;
  /** True after `free` of it or of a slice: every use is then refused. */
  readonly freed: boolean;
  /** The same memory from element `begin` (default 0) to before `end` (default `length`). */
  slice(begin?: number, end?: number): DeviceBuffer;
  /** Frees the memory, including that of slices. Waits until the device is done with it. */
  free(): void;
}

/** A point in the order of a stream, once it has been recorded. */
export interface DeviceEvent {
  /** Whether the device has reached it. */
  readonly isDone: boolean;
  /** Blocks this thread until the device has reached it. */
  synchronize(): void;
  /** Milliseconds between two events that the device has passed. */
  millisecondsSince(earlier: DeviceEvent): number;
}

/**
 * Work in the order in which it was queued, alongside other streams. Only `synchronize`, `destroy`
 * and freeing memory wait for the device.
 */
export interface DeviceStream {
  readonly device: number;
  /** Whether all queued work is done. */
  readonly isIdle: boolean;
  /**
   * Copies to the device; `source` comes from `pinned` and may change only when the copy is done.
   */
  copyIn(destination: DeviceBuffer, source: Float32Array | Float64Array): void;
  /**
   * Copies from the device; `destination` comes from `pinned` and is valid only when the copy is
   * done.
   */
  copyOut(destination: Float32Array | Float64Array, source: DeviceBuffer): void;
  /** Copies on the device, between buffers of one length and type. */
  copy(destination: DeviceBuffer, source: DeviceBuffer): void;
  /** Fills a buffer with zeros. */
  zero(buffer: DeviceBuffer): void;
  /** Marks the point after all work queued so far. */
  record(event: DeviceEvent): void;
  /** Work queued after this waits, on the device, for an event of any stream. */
  waitFor(event: DeviceEvent): void;
  /** Blocks this thread until all queued work is done. */
  synchronize(): void;
  /** Waits for the device and frees the stream. */
  destroy(): void;
}
