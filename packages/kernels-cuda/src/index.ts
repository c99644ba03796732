export type { VectorKernels } from "@ferret-ocl/compensation";
export type {
  Device,
  DeviceBuffer,
  DeviceDescription,
  DeviceElement,
  DeviceEvent,
  DeviceMemory,
  DeviceStream,
  Devices,
} from "./device.js";
export type { DeviceKernels } from "./device-kernels.js";
export { type LoadedKernels, loadKernels, type Rejection } from "./load.js";
export type { NativePrograms, NativeStageLayer, NativeStageProgram } from "./program.js";
