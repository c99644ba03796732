export type { VectorKernels } from "@ferret-ocl/compensation";
export type { Device, DeviceDescription, DeviceMemory, Devices } from "./device.js";
export type { DeviceKernels } from "./device-kernels.js";
export type { DeviceBuffer, DeviceElement, DeviceEvent, DeviceStream } from "./device-stream.js";
export { type LoadedKernels, loadKernels, type Rejection } from "./load.js";
export type {
  NativeActivation,
  NativePrograms,
  NativeStageLayer,
  NativeStageProgram,
} from "./program.js";
