import type { NativeStageLayer } from "../src/index.js";

type Window = Pick<NativeStageLayer, "kernel" | "strides" | "before" | "after" | "dilations">;

/** Shape of an image behind a window. */
function slide([height, width]: readonly number[], window: Window): [number, number] {
  const { kernel = [1, 1], strides = [1, 1], before = [0, 0], after = [0, 0] } = window;
  const { dilations = [1, 1] } = window;
  const places = (length: number, axis: 0 | 1) => {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    return Math.floor((length + before[axis] + after[axis] - reach) / strides[axis]) + 1;
  };
  return [places(height!, 0), places(width!, 1)];
}

const dense = (
  inputs: number,
  units: number,
  rest: Partial<NativeStageLayer> = {},
): NativeStageLayer => ({
  kind: "dense",
  inputShape: [inputs],
  outputShape: [units],
  bias: true,
  ...rest,
});

const conv2d = (
  inputShape: readonly number[],
  filters: number,
  rest: Partial<NativeStageLayer> = {},
): NativeStageLayer => ({
  kind: "conv2d",
  inputShape,
  outputShape: [...slide(inputShape, rest), filters],
  ...rest,
});

/** Poolings and depthwise convolution, which keep the channels. */
const windowed = (
  kind: NativeStageLayer["kind"],
  inputShape: readonly number[],
  rest: Partial<NativeStageLayer>,
): NativeStageLayer => ({
  kind,
  inputShape,
  outputShape: [...slide(inputShape, rest), inputShape[2]!],
  ...rest,
});

/** Layers whose output has the shape of their input. */
const pointwise = (
  kind: NativeStageLayer["kind"],
  shape: readonly number[],
  rest: Partial<NativeStageLayer> = {},
): NativeStageLayer => ({ kind, inputShape: shape, outputShape: shape, ...rest });

const same = { kernel: [3, 3], before: [1, 1], after: [1, 1] } as const;
const wide = [5, 4, 18] as const;

/** A residual block: two convolutions, and one on the shortcut where the shape changes. */
function residual(
  inputShape: readonly number[],
  filters: number,
  stride: number,
  rest: Partial<NativeStageLayer> = {},
): NativeStageLayer {
  const strides = [stride, stride] as const;
  const first = conv2d(inputShape, filters, { ...same, strides });
  const shape = first.outputShape;
  const changes = stride > 1 || filters !== inputShape[2];
  return {
    kind: "residual",
    inputShape,
    outputShape: shape,
    main: [
      first,
      pointwise("batchNormalization", shape, { activation: "relu" }),
      conv2d(shape, filters, same),
      pointwise("batchNormalization", shape),
    ],
    shortcut: changes
      ? [conv2d(inputShape, filters, { strides }), pointwise("batchNormalization", shape)]
      : [],
    activation: "relu",
    ...rest,
  };
}

/** Stages that between them hold every kind, alone and among neighbours, by name. */
export const stages: readonly (readonly [string, readonly NativeStageLayer[]])[] = [
  ["dense", [dense(21, 35, { activation: "relu6" })]],
  ["dense without bias", [dense(6, 5, { bias: false }), dense(5, 3, { activation: "relu" })]],
  ["deep dense", [dense(530, 130, { activation: "relu" }), dense(130, 7)]],
  ["conv2d", [conv2d([6, 5, 3], 20, { ...same, bias: true, activation: "relu" })]],
  ["conv2d, strides", [conv2d([7, 6, 17], 5, { ...same, strides: [2, 3], activation: "relu6" })]],
  [
    "conv2d, uneven padding",
    [conv2d([6, 6, 4], 16, { kernel: [4, 2], before: [2, 0], after: [1, 1], bias: true })],
  ],
  ["depthwiseConv2d", [windowed("depthwiseConv2d", wide, { ...same, bias: true })]],
  [
    "depthwiseConv2d, strides",
    [windowed("depthwiseConv2d", wide, { ...same, strides: [2, 2], activation: "relu6" })],
  ],
  [
    "depthwiseConv2d, image smaller than the kernel",
    [
      windowed("depthwiseConv2d", [2, 2, 18], { ...same, bias: true, activation: "relu" }),
      windowed("depthwiseConv2d", [2, 2, 18], { ...same, strides: [2, 2] }),
    ],
  ],
  [
    "conv2d, dilated",
    [
      conv2d([9, 8, 5], 20, { kernel: [3, 2], dilations: [2, 3], bias: true, activation: "relu" }),
      conv2d([5, 5, 20], 16, {
        kernel: [3, 3],
        dilations: [2, 2],
        before: [2, 2],
        after: [2, 2],
      }),
    ],
  ],
  [
    "conv2d, grouped",
    [
      conv2d([6, 5, 6], 9, { ...same, groups: 3, bias: true, activation: "relu" }),
      conv2d([6, 5, 9], 9, { ...same, groups: 9, strides: [2, 1] }),
    ],
  ],
  [
    "conv2d, grouped in whole blocks, dilated",
    [
      conv2d([7, 7, 32], 64, { ...same, groups: 2, bias: true }),
      conv2d([7, 7, 64], 32, { kernel: [2, 2], dilations: [3, 3], groups: 4, activation: "tanh" }),
    ],
  ],
  [
    "depthwiseConv2d, several filters a channel, dilated",
    [
      windowed("depthwiseConv2d", [6, 5, 7], { ...same, outputShape: [6, 5, 21], bias: true }),
      windowed("depthwiseConv2d", [6, 5, 21], {
        kernel: [3, 3],
        dilations: [2, 2],
        before: [2, 2],
        after: [2, 2],
        activation: "relu",
      }),
      windowed("depthwiseConv2d", [6, 5, 21], { outputShape: [6, 5, 42] }),
    ],
  ],
  ["maxPooling2d", [windowed("maxPooling2d", wide, { ...same, strides: [2, 2] })]],
  [
    "rectified, then maxPooling2d in windows that overlap",
    [
      conv2d(wide, 20, { ...same, bias: true, activation: "relu" }),
      windowed("maxPooling2d", [5, 4, 20], { ...same, strides: [2, 1] }),
      conv2d([3, 4, 20], 5, { activation: "relu6" }),
      windowed("maxPooling2d", [3, 4, 5], { kernel: [2, 2] }),
    ],
  ],
  [
    "clipped, then maxPooling2d of an image in channels last",
    [
      windowed("depthwiseConv2d", [9, 8, 3], { ...same, bias: true }),
      pointwise("activation", [9, 8, 3], { activation: "relu6" }),
      windowed("maxPooling2d", [9, 8, 3], { kernel: [2, 3], strides: [3, 3] }),
      pointwise("activation", [3, 2, 3], { activation: "relu" }),
      { kind: "flatten", inputShape: [3, 2, 3], outputShape: [18] },
    ],
  ],
  [
    "rectified, then maxPooling2d in windows of more than 255 values",
    [
      pointwise("instanceNormalization", [17, 17, 3], { activation: "relu" }),
      windowed("maxPooling2d", [17, 17, 3], { kernel: [16, 17] }),
    ],
  ],
  [
    "rectified, then poolings that read nothing again",
    [
      conv2d(wide, 20, { ...same, activation: "relu" }),
      windowed("averagePooling2d", [5, 4, 20], { kernel: [2, 2] }),
      pointwise("batchNormalization", [4, 3, 20], { activation: "relu6" }),
      { kind: "globalAveragePooling2d", inputShape: [4, 3, 20], outputShape: [20] },
      pointwise("activation", [20], { activation: "relu" }),
      dense(20, 3),
    ],
  ],
  [
    "residual before and behind what reads nothing again",
    [
      windowed("maxPooling2d", wide, { kernel: [2, 2] }),
      {
        ...residual([4, 3, 18], 18, 1),
        main: [
          pointwise("activation", [4, 3, 18], { activation: "relu" }),
          conv2d([4, 3, 18], 18, { ...same, activation: "relu" }),
          windowed("maxPooling2d", [4, 3, 18], same),
        ],
      },
      windowed("maxPooling2d", [4, 3, 18], { kernel: [2, 2], strides: [2, 2] }),
    ],
  ],
  ["averagePooling2d", [windowed("averagePooling2d", wide, { ...same, strides: [2, 2] })]],
  [
    "globalAveragePooling2d",
    [{ kind: "globalAveragePooling2d", inputShape: wide, outputShape: [18] }],
  ],
  ["activation", [pointwise("activation", wide, { activation: "relu6" })]],
  ["flat activation", [dense(5, 19), pointwise("activation", [19], { activation: "relu" })]],
  [
    "curves among dense layers, and at the end",
    [
      dense(6, 21, { activation: "tanh" }),
      dense(21, 5, { activation: "sigmoid" }),
      dense(5, 19, { activation: { name: "leakyRelu", alpha: 0.3 } }),
      dense(19, 4, { activation: { name: "elu", alpha: 0.7 } }),
    ],
  ],
  [
    "curves among images of blocks that are not full",
    [
      conv2d(wide, 20, { ...same, bias: true, activation: "sigmoid" }),
      windowed("averagePooling2d", [5, 4, 20], { kernel: [2, 2] }),
      pointwise("batchNormalization", [4, 3, 20], { activation: "sigmoid" }),
      conv2d([4, 3, 20], 5, { activation: { name: "leakyRelu", alpha: 0.1 } }),
      windowed("maxPooling2d", [4, 3, 5], { kernel: [2, 2] }),
      pointwise("activation", [3, 2, 5], { activation: "tanh" }),
      windowed("maxPooling2d", [3, 2, 5], { kernel: [2, 1] }),
    ],
  ],
  ["leaky at the end", [conv2d(wide, 20, { activation: { name: "leakyRelu", alpha: 0.2 } })]],
  ["sigmoid at the end", [conv2d(wide, 20, { ...same, activation: "sigmoid" })]],
  [
    "gelu, made again and kept",
    [
      dense(6, 21),
      pointwise("activation", [21], { activation: "gelu" }),
      dense(21, 18),
      pointwise("batchNormalization", [18]),
      pointwise("activation", [18], { activation: "gelu" }),
      pointwise("batchNormalization", [18]),
    ],
  ],
  [
    "gelu of images, first and last",
    [
      pointwise("activation", wide, { activation: "gelu" }),
      conv2d(wide, 20, { ...same, bias: true }),
      pointwise("activation", [5, 4, 20], { activation: "gelu" }),
    ],
  ],
  [
    "residual, curves at the ends of both paths and behind",
    [
      {
        ...residual([4, 4, 5], 7, 1),
        main: [conv2d([4, 4, 5], 7, { ...same, activation: "tanh" })],
        shortcut: [conv2d([4, 4, 5], 7, { activation: { name: "leakyRelu", alpha: 0.5 } })],
        activation: "sigmoid",
      },
      conv2d([4, 4, 7], 2, same),
    ],
  ],
  [
    "dropout of images, in blocks that are not full and between them",
    [
      conv2d(wide, 20, { ...same, bias: true, activation: "relu" }),
      pointwise("dropout", [5, 4, 20], { rate: 0.3, seed: 7 }),
      windowed("maxPooling2d", [5, 4, 20], { kernel: [2, 2] }),
      pointwise("dropout", [4, 3, 20], { rate: 0.6, seed: 4294967295 }),
      conv2d([4, 3, 20], 5),
    ],
  ],
  [
    "flat dropout, first and last",
    [
      pointwise("dropout", [21], { rate: 0.5, seed: 1 }),
      dense(21, 19, { activation: "tanh" }),
      pointwise("dropout", [19], { rate: 0.1, seed: 2 }),
    ],
  ],
  ["batchNormalization", [pointwise("batchNormalization", wide, { activation: "relu" })]],
  ["flat batchNormalization", [dense(4, 20), pointwise("batchNormalization", [20])]],
  [
    "normalised values that dense layers read again",
    [
      pointwise("batchNormalization", [6], { center: false, activation: "relu6" }),
      dense(6, 20),
      pointwise("batchNormalization", [20], { scale: false, activation: "relu" }),
      dense(20, 5),
    ],
  ],
  [
    "normalised images that a block and a convolution read again",
    [
      pointwise("instanceNormalization", wide, { activation: "relu" }),
      {
        ...residual(wide, 18, 1),
        main: [
          pointwise("batchNormalization", wide, { activation: "relu" }),
          conv2d(wide, 18, same),
        ],
      },
      pointwise("batchNormalization", wide),
      pointwise("instanceNormalization", wide, { activation: "relu6" }),
      conv2d(wide, 3, { ...same, strides: [2, 2] }),
    ],
  ],
  [
    "batchNormalization without scale",
    [pointwise("batchNormalization", wide, { scale: false, epsilon: 1e-5, momentum: 0.9 })],
  ],
  ["instanceNormalization", [pointwise("instanceNormalization", wide, { activation: "relu6" })]],
  [
    "instanceNormalization without center",
    [pointwise("instanceNormalization", wide, { center: false })],
  ],
  [
    "groupNormalization",
    [pointwise("groupNormalization", wide, { groups: 6, activation: "relu6" })],
  ],
  [
    "groupNormalization, flat and without scale",
    [
      dense(4, 20),
      pointwise("groupNormalization", [20], { groups: 2, scale: false, activation: "tanh" }),
      dense(20, 3),
    ],
  ],
  [
    "groupNormalization that a convolution reads again",
    [
      conv2d(wide, 20, same),
      pointwise("groupNormalization", [5, 4, 20], { groups: 4, activation: "relu" }),
      conv2d([5, 4, 20], 3, same),
    ],
  ],
  ["layerNormalization", [pointwise("layerNormalization", wide, { activation: "relu" })]],
  [
    "flat layerNormalization that dense layers read again",
    [
      dense(4, 20),
      pointwise("layerNormalization", [20]),
      dense(20, 18),
      pointwise("layerNormalization", [18], { center: false, activation: "relu6" }),
      dense(18, 3),
      pointwise("layerNormalization", [3], { scale: false, epsilon: 1e-5 }),
    ],
  ],
  [
    "layerNormalization of images in blocks",
    [
      conv2d(wide, 20, { ...same, bias: true }),
      pointwise("layerNormalization", [5, 4, 20], { activation: "relu" }),
      windowed("maxPooling2d", [5, 4, 20], { kernel: [2, 2] }),
      pointwise("layerNormalization", [4, 3, 20]),
      pointwise("activation", [4, 3, 20], { activation: "gelu" }),
      conv2d([4, 3, 20], 5),
    ],
  ],
  ["residual, identity", [residual(wide, 18, 1)]],
  ["residual, projection", [residual([6, 6, 5], 20, 2, { activation: "relu6" })]],
  [
    "residual, activations at the ends of both paths",
    [
      {
        ...residual([4, 4, 5], 7, 1),
        main: [conv2d([4, 4, 5], 7, { ...same, activation: "relu" })],
        shortcut: [conv2d([4, 4, 5], 7, { activation: "relu6" })],
        activation: "linear",
      },
    ],
  ],
  [
    "chain of image kinds",
    [
      conv2d([8, 8, 3], 20, { ...same, bias: true }),
      pointwise("instanceNormalization", [8, 8, 20], { activation: "relu" }),
      windowed("averagePooling2d", [8, 8, 20], { kernel: [2, 2], strides: [2, 2] }),
      windowed("depthwiseConv2d", [4, 4, 20], { ...same, activation: "relu" }),
      pointwise("batchNormalization", [4, 4, 20], { activation: "relu6" }),
      residual([4, 4, 20], 20, 1),
      residual([4, 4, 20], 33, 2),
      windowed("maxPooling2d", [2, 2, 33], { kernel: [2, 2] }),
      { kind: "flatten", inputShape: [1, 1, 33], outputShape: [33] },
      dense(33, 4),
    ],
  ],
];

/** At batch 3 large enough for Winograd's algorithm; tiles of 4 x 4 stick out at the ends. */
export const wideConvolutions: typeof stages = [
  [
    "wide conv2d",
    [
      conv2d([11, 12, 32], 48, { ...same, bias: true, activation: "relu" }),
      pointwise("activation", [11, 12, 48]),
    ],
  ],
  [
    "wide conv2d, uneven padding, among neighbours",
    [
      pointwise("activation", [10, 12, 32], { activation: "relu" }),
      conv2d([10, 12, 32], 32, {
        kernel: [3, 3],
        before: [2, 0],
        after: [1, 2],
        activation: "relu6",
      }),
    ],
  ],
];

/** At batch 130 enough rows for a general matrix product. */
export const manyRows: typeof stages = [
  ["dense in many rows", [dense(18, 35, { activation: "relu" }), dense(35, 3, { bias: false })]],
];
