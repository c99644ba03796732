/** A Keras layer of a specification. */
export interface Entry {
  class_name: string;
  config: Record<string, unknown>;
}

/**
 * A convolution without bias, padded as PyTorch does: the same on both sides, half the kernel.
 * @param filters null: depthwise.
 */
export function convolution(
  name: string,
  { filters, kernel, stride }: { filters: number | null; kernel: number; stride: number },
): Entry[] {
  const around = (kernel - 1) / 2;
  // With stride 1 Keras' own padding is symmetric too.
  const needsLayer = stride > 1 && around > 0;
  const padding = { name: `${name}.pad`, padding: [around, around] };
  return [
    ...(needsLayer ? [{ class_name: "ZeroPadding2D", config: padding }] : []),
    {
      class_name: filters === null ? "DepthwiseConv2D" : "Conv2D",
      config: {
        name,
        ...(filters === null ? {} : { filters }),
        kernel_size: [kernel, kernel],
        strides: [stride, stride],
        padding: stride === 1 ? "same" : "valid",
        use_bias: false,
      },
    },
  ];
}

/** Batch normalisation with the settings that PyTorch has by default. */
export function batchNorm(name: string): Entry {
  return { class_name: "BatchNormalization", config: { name, momentum: 0.9, epsilon: 1e-5 } };
}
