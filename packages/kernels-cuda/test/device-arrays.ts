import type { DeviceBuffer, DeviceElement, Devices, VectorKernels } from "../src/index.js";

type Call = (stream: unknown, ...values: unknown[]) => void;

/**
 * The kernels of a device as kernels on arrays, so that what must hold of those can be asked of
 * these: arrays are copied to the device, each behind `offset` floats, and all copied back.
 */
export function onArrays({ devices, kernels }: Devices, offset: number): VectorKernels {
  const device = devices[0]!;
  const stream = device.stream();

  const stage = (length: number, type: DeviceElement) =>
    type === "float64" ? device.pinned(length, type) : device.pinned(length);

  function call(name: string, values: readonly unknown[]): void {
    const buffers = new Map<Float32Array | Float64Array, DeviceBuffer>();
    const send = (array: Float32Array | Float64Array): DeviceBuffer => {
      const known = buffers.get(array);
      if (known) return known;
      const float64 = array instanceof Float64Array;
      const behind = float64 ? 0 : offset;
      const type = float64 ? "float64" : "float32";
      const buffer = device.allocate(array.length + behind, type).slice(behind);
      const staging = stage(array.length, type);
      staging.set(array);
      stream.copyIn(buffer, staging);
      buffers.set(array, buffer);
      return buffer;
    };
    const isArray = (value: unknown) =>
      value instanceof Float32Array || value instanceof Float64Array;
    const onDevice = values.map((value) =>
      isArray(value)
        ? send(value as Float32Array)
        : Array.isArray(value)
          ? value.map((array) => send(array))
          : value,
    );
    (kernels as unknown as Record<string, Call>)[name]!(stream, ...onDevice);
    const received = [...buffers].map(([array, buffer]) => {
      const staging = stage(buffer.length, buffer.type);
      stream.copyOut(staging, buffer);
      return { array, buffer, staging };
    });
    stream.synchronize();
    for (const { array, buffer, staging } of received) {
      array.set(staging);
      buffer.free();
    }
  }

  const methods = Object.keys(kernels).map((name) => [
    name,
    (...values: unknown[]) => call(name, values),
  ]);
  return {
    ...(Object.fromEntries(methods) as VectorKernels),
    squaredNorm(gradient) {
      const sums = new Float64Array(1);
      call("squaredNorm", [gradient, sums]);
      return sums[0]!;
    },
  };
}
