import { loadKernels, type NativeStageLayer } from "../src/index.js";
import { parameterCount } from "./naive-layers.js";

export const { programs } = loadKernels();

/** Numbers in [-0.5, 0.5) that differ by at least 1e-4, so that small steps pass no kink twice. */
export function random(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** Parameters with variances above zero: 1.25 to 1.75 wherever a normalisation keeps some. */
function draw(layers: readonly NativeStageLayer[], seed: number): Float32Array {
  const parts = layers.map((layer, index) => {
    if (layer.kind === "residual")
      return draw([...layer.main!, ...(layer.shortcut ?? [])], seed + 7 * index);
    const values = random(parameterCount(layer), seed + 7 * index);
    if (layer.kind !== "batchNormalization" && layer.kind !== "instanceNormalization")
      return values;
    return values.map((value) => 1.5 + value / 2);
  });
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** A buffer with 64 bytes on either side that nobody may touch. */
export function guarded<T extends Float32Array | Uint8Array>(
  kind: "floats" | "bytes",
  length: number,
) {
  const size = kind === "floats" ? 4 * length : length;
  const whole = new Uint8Array(size + 128).fill(0xa5);
  const inside =
    kind === "floats" ? new Float32Array(whole.buffer, 64, length) : whole.subarray(64, 64 + size);
  return {
    array: inside as T,
    intact: () =>
      whole.subarray(0, 64).every((byte) => byte === 0xa5) &&
      whole.subarray(64 + size).every((byte) => byte === 0xa5),
  };
}

/** A program and random buffers for it; the gradients' are empty. */
export function setUp(layers: readonly NativeStageLayer[], batch: number) {
  const program = programs!.compile(layers, batch);
  const floats = (length: number) => guarded<Float32Array>("floats", length);
  const buffers = {
    parameters: floats(program.parameterCount),
    input: floats(program.inputCount),
    saved: guarded<Uint8Array>("bytes", program.savedBytes),
    pending: guarded<Uint8Array>("bytes", program.pendingBytes),
    output: floats(program.outputCount),
    scratch: guarded<Uint8Array>("bytes", program.scratchBytes),
    outputGradient: floats(program.outputCount),
    inputGradient: floats(program.inputCount),
    gradient: floats(program.parameterCount),
  };
  buffers.parameters.array.set(draw(layers, 1));
  buffers.input.array.set(random(program.inputCount, 2).map((value) => 3 * value));
  buffers.outputGradient.array.set(random(program.outputCount, 3));
  return { program, buffers };
}
