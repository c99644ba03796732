import type { LabelledData, RotatableData } from "./contract.js";

/** What lies outside an image: black. */
const outside = 0;

/**
 * Images, `[height, width, channels]`, that can be turned about their centre: every pixel takes the
 * bilinear mean of the four around the place that it comes from. Images of bytes stay bytes.
 */
export function turnedImages(data: LabelledData): RotatableData {
  const [height, width, channels] = data.inputShape as [number, number, number];
  const plain = new Float32Array(height * width * channels);
  const centre = { x: (width - 1) / 2, y: (height - 1) / 2 };
  const mean = data.pixels?.mean ?? [];
  const deviation = data.pixels?.deviation ?? [];
  const scaled = (value: number, channel: number) =>
    (value - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  const valueAt = (row: number, column: number, channel: number) =>
    row < 0 || row >= height || column < 0 || column >= width
      ? scaled(outside, channel)
      : (plain[(row * width + column) * channels + channel] as number);
  const rounded = (value: number, channel: number) => {
    if (!data.pixels) return value;
    const byte = 255 * (value * (deviation[channel] as number) + (mean[channel] as number));
    return scaled(Math.round(byte) / 255, channel);
  };
  return {
    count: data.count,
    classes: data.classes,
    inputShape: data.inputShape,
    ...(data.pixels ? { pixels: data.pixels } : {}),
    read: (index, x, offset) => data.read(index, x, offset),
    label: (index) => data.label(index),
    readRotated(index, angle, x, offset) {
      data.read(index, plain, 0);
      const cosine = Math.cos((angle * Math.PI) / 180);
      const sine = Math.sin((angle * Math.PI) / 180);
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) {
          const fromX = centre.x + cosine * (column - centre.x) - sine * (row - centre.y);
          const fromY = centre.y + sine * (column - centre.x) + cosine * (row - centre.y);
          const left = Math.floor(fromX);
          const top = Math.floor(fromY);
          const right = fromX - left;
          const low = fromY - top;
          for (let channel = 0; channel < channels; channel++) {
            const upper =
              (1 - right) * valueAt(top, left, channel) + right * valueAt(top, left + 1, channel);
            const lower =
              (1 - right) * valueAt(top + 1, left, channel) +
              right * valueAt(top + 1, left + 1, channel);
            x[offset + (row * width + column) * channels + channel] = rounded(
              (1 - low) * upper + low * lower,
              channel,
            );
          }
        }
    },
  };
}
