import type { Configuration, Layer } from "../../model/layer.js";
import { slideImage } from "../../model/shape.js";

/** A window that lies on an image. */
export interface PlacedWindow {
  /** Where its value for channel 0 lies in the output. */
  output: number;
  /** How many of the window's places lie on the image, not on padding. */
  length: number;
  /** Where those are in the input, for channel 0. */
  readonly places: Int32Array;
  /** And which they are in the window, row by row. */
  readonly indices: Int32Array;
}

/** Visits the windows of a pooling layer, image by image and row by row; the object is reused. */
export function forEachWindow(
  { inputShape }: Layer,
  { poolSize, strides, padding }: Configuration<"maxPooling2d" | "averagePooling2d">,
  batch: number,
  visit: (window: PlacedWindow) => void,
): void {
  const [height, width, channels] = inputShape as [number, number, number];
  const { size, before } = slideImage(inputShape, poolSize, strides, padding);
  const most = poolSize[0] * poolSize[1];
  const window = {
    output: 0,
    length: 0,
    places: new Int32Array(most),
    indices: new Int32Array(most),
  };
  for (let image = 0; image < batch; image++)
    for (let row = 0; row < size[0]; row++) {
      const top = row * strides[0] - before[0];
      for (let column = 0; column < size[1]; column++) {
        const left = column * strides[1] - before[1];
        window.length = 0;
        for (let y = Math.max(0, -top); y < Math.min(poolSize[0], height - top); y++)
          for (let x = Math.max(0, -left); x < Math.min(poolSize[1], width - left); x++) {
            const pixel = (image * height + top + y) * width + left + x;
            window.places[window.length] = pixel * channels;
            window.indices[window.length++] = y * poolSize[1] + x;
          }
        visit(window);
        window.output += channels;
      }
    }
}
