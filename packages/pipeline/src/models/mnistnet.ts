import type { ModelBuilder } from "./contract.js";

/** Two convolutions, one pooling, two dense layers: the small image model of the MNIST settings. */
export const mnistNet: ModelBuilder = (inputShape, classes) => ({
  class_name: "Sequential",
  config: {
    name: "mnistnet",
    layers: [
      {
        class_name: "Conv2D",
        config: {
          name: "conv1",
          filters: 32,
          kernel_size: [3, 3],
          activation: "relu",
          batch_input_shape: [null, ...inputShape],
        },
      },
      {
        class_name: "Conv2D",
        config: { name: "conv2", filters: 64, kernel_size: [3, 3], activation: "relu" },
      },
      { class_name: "MaxPooling2D", config: { name: "pool", pool_size: [2, 2] } },
      { class_name: "Flatten", config: { name: "flatten" } },
      { class_name: "Dense", config: { name: "hidden", units: 128, activation: "relu" } },
      { class_name: "Dense", config: { name: "logits", units: classes } },
    ],
  },
});
