import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inputLength, type LabelledData } from "../src/datasets/contract.js";
import { workplace } from "./datasets-encode.js";

/** Files that the formats' own tools made, see make.py there. */
export const samples = fileURLToPath(new URL("samples", import.meta.url));

/** What those tools read back from them, by name. */
export function expectedOf<T>(name: string): T {
  return JSON.parse(readFileSync(join(samples, "expected.json"), "utf8"))[name] as T;
}

/** The bytes of an image, height x width x channels, from what `read` makes of them. */
export function bytesOf(data: LabelledData, index: number): number[][][] {
  const x = new Float32Array(inputLength(data) + 1);
  data.read(index, x, 1);
  const [height, width, channels] = data.inputShape as [number, number, number];
  const { mean, deviation } = data.pixels!;
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) =>
      Array.from({ length: channels }, (_, channel) => {
        const value = x[1 + (row * width + column) * channels + channel]!;
        return Math.round(255 * (value * deviation[channel]! + mean[channel]!));
      }),
    ),
  );
}

/** All labels, in order. */
export function labelsOf(data: LabelledData): number[] {
  return Array.from({ length: data.count }, (_, index) => data.label(index));
}

/** A fresh folder, copies of samples in it, and options that keep the cache there. */
export function sampleplace() {
  const place = workplace();
  const cacheDir = join(place.folder, "cache");
  return {
    ...place,
    cacheDir,
    options: { seed: 1, download: false, cacheDir } as const,
    copy(name: string, to = name): string {
      const path = join(place.folder, to);
      cpSync(join(samples, name), path, { recursive: true });
      return path;
    },
  };
}
