import type { Allotment } from "../allotment.js";
import type { Pixels } from "../contract.js";
import { copySamples } from "../copy-samples.js";
import { checkCount, checkNumber, InputError } from "../errors.js";

/** Inputs of samples in numbered slots. */
export interface StoredInputs {
  /** Keeps sample number `sample` of `x` in a slot. */
  write(slot: number, x: Float32Array, sample: number): void;
  /** Writes a slot to place `sample` of `x`. */
  read(slot: number, x: Float32Array, sample: number): void;
  /** The memory itself. */
  readonly values: Float32Array | Uint8Array;
}

/** Inputs as they are, four bytes per value. */
export function floatInputs(
  capacity: number,
  inputLength: number,
  memory: Allotment,
): StoredInputs {
  const values = memory.floats("replay", capacity * inputLength);
  return {
    values,
    write: (slot, x, sample) => copySamples(x, sample, values, slot, 1, inputLength),
    read: (slot, x, sample) => copySamples(values, slot, x, sample, 1, inputLength),
  };
}

/** Checks the statement of how inputs were scaled, whether it is used or not. */
export function checkPixels(pixels: unknown): asserts pixels is Pixels {
  if (typeof pixels === "boolean") return;
  const { mean, deviation } = (pixels ?? {}) as Record<string, unknown>;
  if ([mean, deviation].every((values) => Array.isArray(values) && values.every(Number.isFinite)))
    return;
  const isObject = typeof pixels === "object" && pixels !== null;
  throw new InputError(
    "Expected true, false, or a mean and a deviation as lists of numbers for pixels but received " +
      (isObject ? "others" : `${String(pixels)} of type ${typeof pixels}`),
  );
}

/**
 * Inputs that were bytes, one byte per value: what is read is what was written, to the bit.
 * @param pixels how byte b of channel c became a number: `(b / 255 - mean[c]) / deviation[c]`.
 */
export function pixelInputs(
  capacity: number,
  inputLength: number,
  pixels: Exclude<Pixels, false>,
  memory: Allotment,
): StoredInputs {
  checkPixels(pixels);
  const { mean, deviation } = pixels === true ? { mean: [0], deviation: [1] } : pixels;
  const channels = mean.length;
  checkCount("the channels of pixels", channels);
  if (deviation.length !== channels || inputLength % channels !== 0)
    throw new InputError(
      `Expected a mean and a deviation for each channel of ${inputLength} values in pixels but ` +
        `received ${channels} and ${deviation.length}`,
    );
  for (const value of deviation) checkNumber("the deviations of pixels", value);
  const values = memory.octets("replay", capacity * inputLength);
  const table = memory.floats("replay", 256 * channels);
  for (let entry = 0; entry < table.length; entry++) {
    const channel = entry >> 8;
    table[entry] =
      ((entry & 255) / 255 - (mean[channel] as number)) / (deviation[channel] as number);
  }
  return {
    values,
    write(slot, x, sample) {
      for (let index = 0; index < inputLength; index++) {
        const value = x[sample * inputLength + index] as number;
        const channel = index % channels;
        const unit = value * (deviation[channel] as number) + (mean[channel] as number);
        const byte = Math.round(255 * unit);
        if (!(byte >= 0 && byte <= 255) || table[(channel << 8) | byte] !== value)
          throw new InputError(
            `Expected a byte scaled as pixels says for input ${index} but received ${value}; ` +
              "leave the option pixels out for inputs that were not bytes",
          );
        values[slot * inputLength + index] = byte;
      }
    },
    read(slot, x, sample) {
      for (let index = 0; index < inputLength; index++) {
        const byte = values[slot * inputLength + index] as number;
        x[sample * inputLength + index] = table[((index % channels) << 8) | byte] as number;
      }
    },
  };
}
