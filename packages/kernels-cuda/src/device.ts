import type { DeviceKernels } from "./device-kernels.js";

/** What the memory of a buffer holds. Sums and other numbers that stay on a device are float64. */
export type DeviceElement = "float32" | "float64";

/** Memory of a device. Freed by `free`, or by the collector once nothing refers to it. */
export interface DeviceBuffer {
  readonly length: number;
  readonly bytes: number;
  readonly type: DeviceElement;
  /** Index of the device. */
  readonly device: number;
  /** True after `free`, of it or of a slice: every use is then refused. */
  readonly freed: boolean;
  /** The same memory from element `begin` (default 0) to before `end` (default `length`). */
  slice(begin?: number, end?: number): DeviceBuffer;
  /** Frees the memory, that of slices too. Waits for the device to be done with it. */
  free(): void;
}

/** A place in the order of a stream, once it has been recorded. */
export interface DeviceEvent {
  /** Whether the device has come there. */
  readonly isDone: boolean;
  /** Blocks this thread until the device has come there. */
  synchronize(): void;
  /** Milliseconds between two events that the device has passed. */
  millisecondsSince(earlier: DeviceEvent): number;
}

/**
 * Work in the order in which it was asked for, beside other streams. Nothing but `synchronize`,
 * `destroy` and freeing memory waits for the device.
 */
export interface DeviceStream {
  readonly device: number;
  /** Whether all that was asked for is done. */
  readonly isIdle: boolean;
  /** Copies to the device; `source` comes from `pinned` and may change only when it is done. */
  copyIn(destination: DeviceBuffer, source: Float32Array | Float64Array): void;
  /** Copies from the device; `destination` comes from `pinned` and is right only when it is done. */
  copyOut(destination: Float32Array | Float64Array, source: DeviceBuffer): void;
  /** Copies on the device, between buffers of one length and type. */
  copy(destination: DeviceBuffer, source: DeviceBuffer): void;
  zero(buffer: DeviceBuffer): void;
  record(event: DeviceEvent): void;
  /** What is asked for after this waits, on the device, for an event of any stream. */
  waitFor(event: DeviceEvent): void;
  /** Blocks this thread until all that was asked for is done. */
  synchronize(): void;
  destroy(): void;
}

/** What the addon of a device exports. */
export interface DeviceAddon {
  devices(): DeviceDescription[];
  memory(device: number): DeviceMemory;
  pinned(device: number, length: number, type: DeviceElement): Float32Array | Float64Array;
  readonly DeviceBuffer: new (device: number, length: number, type: DeviceElement) => DeviceBuffer;
  readonly DeviceStream: new (device: number) => DeviceStream;
  readonly DeviceEvent: new (device: number) => DeviceEvent;
  readonly kernels: DeviceKernels;
}

export interface DeviceDescription {
  readonly index: number;
  readonly name: string;
  /** As in `9.0`. */
  readonly computeCapability: string;
  readonly totalBytes: number;
}

export interface DeviceMemory {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** One GPU. */
export interface Device extends DeviceDescription {
  memory(): DeviceMemory;
  /** Memory of `length` elements, whatever was in it; default float32.
   * @throws RangeError with the bytes asked for and free, where it is out of memory. */
  allocate(length: number, type?: DeviceElement): DeviceBuffer;
  /** Host memory that the device reads and writes on its own, for copies that do not block. */
  pinned(length: number): Float32Array;
  pinned(length: number, type: "float64"): Float64Array;
  stream(): DeviceStream;
  event(): DeviceEvent;
}

/** The GPUs of this machine, one at least, and their kernels. */
export interface Devices {
  readonly devices: readonly Device[];
  readonly kernels: DeviceKernels;
}

/** The devices of an addon. @throws Error where there is none. */
export function openDevices(addon: DeviceAddon): Devices {
  const devices = addon.devices().map((description): Device => {
    const { index } = description;
    return {
      ...description,
      memory: () => addon.memory(index),
      allocate: (length, type = "float32") => new addon.DeviceBuffer(index, length, type),
      pinned: ((length: number, type: DeviceElement = "float32") =>
        addon.pinned(index, length, type)) as Device["pinned"],
      stream: () => new addon.DeviceStream(index),
      event: () => new addon.DeviceEvent(index),
    };
  });
  if (devices.length === 0) throw new Error("Expected a device but found none");
  return { devices, kernels: addon.kernels };
}
