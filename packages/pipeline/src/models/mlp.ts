import { elementCount, type ModelBuilder } from "./contract.js";

/** Multi-layer perceptron with two hidden layers of 256 rectified units (54-256-256-7 on Covertype). */
export const mlp: ModelBuilder = (inputShape, classes) => {
  const inputs = elementCount(inputShape);
  const flatten =
    inputShape.length > 1
      ? [
          {
            class_name: "Flatten",
            config: { name: "flatten", batch_input_shape: [null, ...inputShape] },
          },
        ]
      : [];
  return {
    class_name: "Sequential",
    config: {
      name: "mlp",
      layers: [
        ...flatten,
        {
          class_name: "Dense",
          config: {
            name: "hidden1",
            units: 256,
            activation: "relu",
            ...(flatten.length === 0 ? { batch_input_shape: [null, inputs] } : {}),
          },
        },
        { class_name: "Dense", config: { name: "hidden2", units: 256, activation: "relu" } },
        { class_name: "Dense", config: { name: "logits", units: classes } },
      ],
    },
  };
};
