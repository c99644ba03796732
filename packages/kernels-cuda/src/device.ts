import type { DeviceKernels } from "./device-kernels.js";
import type { DeviceBuffer, DeviceElement, DeviceEvent, DeviceStream } from "./device-stream.js";

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

/** What a GPU is. */
export interface DeviceDescription {
  readonly index: number;
  readonly name: string;
  /** As in `9.0`. */
  readonly computeCapability: string;
  readonly totalBytes: number;
}

/** Memory of a GPU. */
export interface DeviceMemory {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** One GPU. */
export interface Device extends DeviceDescription {
  /** Bytes that are free now, and bytes in total. */
  memory(): DeviceMemory;
  /** Memory of `length` elements, not initialised; default float32.
   * @throws RangeError with the bytes requested and free, if it is out of memory. */
  allocate(length: number, type?: DeviceElement): DeviceBuffer;
  /** Host memory that the device reads and writes itself, for copies that do not block. */
  pinned(length: number): Float32Array;
  /** The same, of 64-bit floats. */
  pinned(length: number, type: "float64"): Float64Array;
  /** A new stream. */
  stream(): DeviceStream;
  /** A new event, to be recorded in a stream. */
  event(): DeviceEvent;
}

/** The GPUs of this machine, at least one, and their kernels. */
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
