import { isSmallImage, type ModelBuilder } from "./contract.js";
import { batchNorm, convolution, type Entry } from "./convolution.js";

/** Channels and stride of each depthwise separable block. */
const blocks: readonly (readonly [channels: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/**
 * MobileNet V1 of width 1.0 (Howard et al. 2017), on images up to 64 pixels with stem stride 1.
 *
 * Layers are named as the modules of the usual PyTorch implementation (`model.N.M`, `fc`).
 */
export const mobileNet: ModelBuilder = (inputShape, classes) => ({
  class_name: "Sequential",
  config: {
    name: "mobilenet",
    layers: [
      {
        class_name: "InputLayer",
        config: { name: "input", batch_input_shape: [null, ...inputShape] },
      },
      ...unit("model.0", 0, { filters: 32, kernel: 3, stride: isSmallImage(inputShape) ? 1 : 2 }),
      ...blocks.flatMap(([filters, stride], index) => [
        ...unit(`model.${index + 1}`, 0, { filters: null, kernel: 3, stride }),
        ...unit(`model.${index + 1}`, 3, { filters, kernel: 1, stride: 1 }),
      ]),
      { class_name: "GlobalAveragePooling2D", config: { name: "pool" } },
      { class_name: "Dense", config: { name: "fc", units: classes } },
    ],
  },
});

/** Convolution, batch normalisation, rectifier. */
function unit(name: string, first: number, window: Parameters<typeof convolution>[1]): Entry[] {
  return [
    ...convolution(`${name}.${first}`, window),
    batchNorm(`${name}.${first + 1}`),
    { class_name: "ReLU", config: { name: `${name}.${first + 2}` } },
  ];
}
