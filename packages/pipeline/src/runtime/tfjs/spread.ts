import type { Pair } from "../../model/shape.js";
import type { Tensor, Tf } from "./operation.js";

/** Puts `stride - 1` rows of zeros between any two rows of images, and columns likewise. */
export function spread(tf: Tf, image: Tensor, [rows, columns]: Pair): Tensor {
  const once = spreadRows(tf, image, rows);
  if (columns === 1) return once;
  return tf.transpose(spreadRows(tf, tf.transpose(once, [0, 2, 1, 3]), columns), [0, 2, 1, 3]);
}

function spreadRows(tf: Tf, image: Tensor, stride: number): Tensor {
  if (stride === 1) return image;
  const [batch, height, width, channels] = image.shape as [number, number, number, number];
  const rows = image.reshape([batch * height, 1, width * channels]);
  const padded = tf.pad(rows, [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  return tf.slice(
    padded.reshape([batch, height * stride, width, channels]),
    [0, 0, 0, 0],
    [batch, (height - 1) * stride + 1, width, channels],
  );
}
