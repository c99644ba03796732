import type { ModelBuilder } from "./contract.js";

/**
 * Three blocks of 128 filters with instance normalisation: the ConvNet of dataset condensation
 * (Zhao, Mopuri and Bilen 2021), less the biases, which the normalisation would take out again.
 */
export const convNet: ModelBuilder = (inputShape, classes) => ({
  class_name: "Sequential",
  config: {
    name: "convnet",
    layers: [
      {
        class_name: "InputLayer",
        config: { name: "input", batch_input_shape: [null, ...inputShape] },
      },
      ...[1, 2, 3].flatMap((block) => [
        {
          class_name: "Conv2D",
          config: {
            name: `conv${block}`,
            filters: 128,
            kernel_size: [3, 3],
            padding: "same",
            use_bias: false,
          },
        },
        { class_name: "InstanceNormalization", config: { name: `norm${block}`, epsilon: 1e-5 } },
        { class_name: "ReLU", config: { name: `relu${block}` } },
        { class_name: "AveragePooling2D", config: { name: `pool${block}`, pool_size: [2, 2] } },
      ]),
      { class_name: "Flatten", config: { name: "flatten" } },
      { class_name: "Dense", config: { name: "logits", units: classes } },
    ],
  },
});
