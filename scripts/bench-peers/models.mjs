// The models of the comparison as Keras JSON, the form that parseModel reads. What PyTorch runs
// beside them is in torch_step.py; both sides tell their parameter count, which must agree.

const input = (shape) => ({
  class_name: "InputLayer",
  config: { name: "input", batch_input_shape: [null, ...shape] },
});
const layer = (class_name, name, config = {}) => ({ class_name, config: { name, ...config } });
const sequential = (name, shape, ...layers) => ({
  class_name: "Sequential",
  config: { name, layers: [input(shape), ...layers.flat()] },
});

const relu = (name) => layer("ReLU", name);
const dense = (name, units, activation = "linear") => layer("Dense", name, { units, activation });
const batchNormalization = (name) =>
  layer("BatchNormalization", name, { axis: -1, momentum: 0.9, epsilon: 1e-5 });

/**
 * A 3x3 window (kind Conv2D or DepthwiseConv2D) with one row of zeros on every side and without a
 * bias. Keras' "same" pads the end alone where the stride is 2, so the zeros get their own layer.
 */
function window3x3(kind, name, stride, config = {}) {
  const common = { kernel_size: [3, 3], strides: [stride, stride], use_bias: false, ...config };
  if (stride === 1) return [layer(kind, name, { ...common, padding: "same" })];
  const zeros = [
    [1, 1],
    [1, 1],
  ];
  return [
    layer("ZeroPadding2D", `${name}_pad`, { padding: zeros }),
    layer(kind, name, { ...common, padding: "valid" }),
  ];
}
const pointwise = (name, filters, stride = 1) =>
  layer("Conv2D", name, {
    filters,
    kernel_size: [1, 1],
    strides: [stride, stride],
    use_bias: false,
  });

function convNet() {
  const block = (index) => [
    ...window3x3("Conv2D", `conv${index}`, 1, { filters: 128 }),
    layer("InstanceNormalization", `norm${index}`, { axis: -1, epsilon: 1e-5 }),
    relu(`relu${index}`),
    layer("AveragePooling2D", `pool${index}`, { pool_size: [2, 2], strides: [2, 2] }),
  ];
  const blocks = [1, 2, 3].flatMap(block);
  return sequential("convnet", [32, 32, 3], blocks, layer("Flatten", "flatten"), dense("top", 10));
}

function mobileNet() {
  const channels = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
  const strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1];
  const normalized = (name) => [batchNormalization(`${name}_bn`), relu(`${name}_relu`)];
  const blocks = channels.flatMap((filters, index) => [
    ...window3x3("DepthwiseConv2D", `depth${index}`, strides[index]),
    ...normalized(`depth${index}`),
    pointwise(`point${index}`, filters),
    ...normalized(`point${index}`),
  ]);
  const stem = [...window3x3("Conv2D", "stem", 1, { filters: 32 }), ...normalized("stem")];
  const top = [layer("GlobalAveragePooling2D", "mean"), dense("top", 10)];
  return sequential("mobilenet", [32, 32, 3], stem, blocks, top);
}

/** ResNet-18 with the stem for small images; the only one that is not a plain chain. */
function resNet18() {
  const layers = [];
  const add = (entry, ...sources) => {
    const name = entry.config.name;
    const nodes = sources.length === 0 ? [] : [sources.map((source) => [source, 0, 0, {}])];
    layers.push({ ...entry, name, inbound_nodes: nodes });
    return name;
  };
  const chain = (source, entries) => entries.reduce((last, entry) => add(entry, last), source);
  const convolution = (name, filters, stride) => [
    ...window3x3("Conv2D", name, stride, { filters }),
    batchNormalization(`${name}_bn`),
  ];

  const start = add(input([32, 32, 3]));
  let top = chain(start, [...convolution("stem", 64, 1), relu("stem_relu")]);
  [64, 64, 128, 128, 256, 256, 512, 512].forEach((filters, index) => {
    const name = `block${index}`;
    const stride = filters > 64 && index % 2 === 0 ? 2 : 1;
    const main = chain(top, [
      ...convolution(`${name}_a`, filters, stride),
      relu(`${name}_a_relu`),
      ...convolution(`${name}_b`, filters, 1),
    ]);
    const shortcut = [pointwise(`${name}_s`, filters, stride), batchNormalization(`${name}_s_bn`)];
    const side = stride === 2 ? chain(top, shortcut) : top;
    top = chain(add(layer("Add", name), main, side), [relu(`${name}_relu`)]);
  });
  const output = chain(top, [layer("GlobalAveragePooling2D", "mean"), dense("top", 10)]);
  return {
    class_name: "Functional",
    config: {
      name: "resnet18",
      layers,
      input_layers: [[start, 0, 0]],
      output_layers: [[output, 0, 0]],
    },
  };
}

/** Builders by name; "matmul" is the yardstick, one 1024 x 1024 product for a batch of 1024. */
export const models = {
  mlp: () =>
    sequential(
      "mlp",
      [54],
      dense("hidden1", 256, "relu"),
      dense("hidden2", 256, "relu"),
      dense("top", 7),
    ),
  mnistnet: () =>
    sequential(
      "mnistnet",
      [28, 28, 1],
      layer("Conv2D", "conv1", { filters: 32, kernel_size: [3, 3], activation: "relu" }),
      layer("Conv2D", "conv2", { filters: 64, kernel_size: [3, 3], activation: "relu" }),
      layer("MaxPooling2D", "pool", { pool_size: [2, 2] }),
      layer("Flatten", "flatten"),
      dense("hidden", 128, "relu"),
      dense("top", 10),
    ),
  convnet: convNet,
  resnet18: resNet18,
  mobilenet: mobileNet,
  matmul: () =>
    sequential("matmul", [1024], layer("Dense", "product", { units: 1024, use_bias: false })),
};
