const activations = [
  ...["linear", "relu", "relu6", "tanh", "sigmoid"],
  { name: "leakyRelu", alpha: 0.2 },
  { name: "elu", alpha: 1 },
];

/** Small layers that fit each other, from a shape on. */
export function drawLayers(random, shape, count, depth = 0) {
  const layers = [];
  let inputShape = shape;
  for (let index = 0; index < count; index++) {
    const layer = drawLayer(random, inputShape, depth);
    layers.push(layer);
    inputShape = layer.outputShape;
  }
  return layers;
}

function drawLayer(random, inputShape, depth) {
  const { pick } = random;
  const isImage = inputShape.length === 3;
  const kinds = isImage
    ? [windowed, windowed, windowed, pointwise, global, flatten, ...(depth < 3 ? [residual] : [])]
    : [dense, dense, pointwise, flatten, ...(depth < 3 ? [residual] : [])];
  return pick(kinds)(random, inputShape, depth);
}

const divisors = (count) =>
  Array.from({ length: count }, (_, index) => index + 1).filter((each) => count % each === 0);

const dense = ({ below, pick, chance }, inputShape) => ({
  kind: "dense",
  inputShape,
  outputShape: [1 + below(40)],
  bias: chance(0.5),
  activation: pick(activations),
});

function windowed({ below, pick, chance }, inputShape) {
  const kind = pick(["conv2d", "depthwiseConv2d", "maxPooling2d", "averagePooling2d"]);
  const isConvolution = kind === "conv2d" || kind === "depthwiseConv2d";
  const pair = (draw) => [draw(0), draw(1)];
  const kernel = pair((axis) => 1 + below(Math.min(5, inputShape[axis])));
  const strides = pair(() => 1 + below(3));
  const before = pair((axis) => below(kernel[axis]));
  const after = pair((axis) => below(kernel[axis]));
  const groups = kind === "conv2d" && chance(0.3) ? pick(divisors(inputShape[2])) : 1;
  const channels =
    kind === "conv2d"
      ? groups * pick(groups === 1 ? [1, 3, 16, 20, 32] : [1, 2, 16])
      : inputShape[2] * (kind === "depthwiseConv2d" && inputShape[2] < 40 ? pick([1, 1, 2]) : 1);
  const dilations = pair((axis) =>
    isConvolution && kernel[axis] > 1 && chance(0.3)
      ? Math.max(1, Math.floor((inputShape[axis] - 1) / (kernel[axis] - 1)))
      : 1,
  );
  const places = pair((axis) => {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    return Math.floor((inputShape[axis] + before[axis] + after[axis] - reach) / strides[axis]) + 1;
  });
  const outputShape = [...places, channels];
  const window = { kind, inputShape, outputShape, kernel, strides, before, after };
  return isConvolution
    ? { ...window, dilations, groups, bias: chance(0.5), activation: pick(activations) }
    : window;
}

const pointwise = ({ pick, chance }, inputShape) => ({
  ...pick([
    { kind: "activation", activation: pick([...activations, "gelu"]) },
    { kind: "batchNormalization", activation: pick(activations) },
    { kind: "instanceNormalization", activation: pick(activations) },
    { kind: "dropout", rate: 0.4, seed: 9 },
    { kind: "layerNormalization", activation: pick(activations) },
    {
      kind: "groupNormalization",
      activation: pick(activations),
      groups: pick(divisors(inputShape.at(-1))),
    },
  ]),
  inputShape,
  outputShape: inputShape,
  scale: chance(0.5),
  center: chance(0.5),
  momentum: 0.9,
  epsilon: 1e-3,
});

const global = (_, inputShape) => ({
  kind: "globalAveragePooling2d",
  inputShape,
  outputShape: [inputShape[2]],
});

const flatten = (_, inputShape) => ({
  kind: "flatten",
  inputShape,
  outputShape: [inputShape.reduce((product, size) => product * size, 1)],
});

/** A block of one or two layers that keep the shape, or with a shortcut of the same kind. */
function residual(random, inputShape, depth) {
  const { below, pick, chance } = random;
  const keeping = () =>
    chance(0.3)
      ? residual(random, inputShape, depth + 1)
      : inputShape.length === 3
        ? { ...pointwise(random, inputShape) }
        : { ...dense(random, inputShape), outputShape: inputShape };
  const path = (least) => Array.from({ length: least + below(2) }, keeping);
  return {
    kind: "residual",
    inputShape,
    outputShape: inputShape,
    main: depth < 3 ? path(1) : [pointwise(random, inputShape)],
    shortcut: depth < 3 && chance(0.5) ? path(0) : [],
    activation: pick(activations),
  };
}
