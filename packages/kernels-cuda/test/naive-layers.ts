import type { NativeActivation, NativeStageLayer } from "../src/index.js";

/**
 * Forward passes by their definitions, in double precision and plain loops: what the native
 * programs, and by central differences their gradients, are held to.
 */
export function naiveForward(
  layers: readonly NativeStageLayer[],
  parameters: ArrayLike<number>,
  input: Float64Array,
  batch: number,
  mode: "learn" | "predict" = "learn",
): Float64Array {
  let tensor = input;
  let offset = 0;
  for (const layer of layers) {
    const values = Array.from({ length: parameterCount(layer) }, (_, i) => parameters[offset + i]!);
    offset += values.length;
    tensor = layerForward(layer, values, tensor, batch, mode);
  }
  return tensor;
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Floats of a layer's parameters, in the order of the stage programs. */
export function parameterCount(layer: NativeStageLayer): number {
  const channels = layer.inputShape.at(-1)!;
  const units = layer.outputShape.at(-1)!;
  const window = product(layer.kernel ?? [1, 1]);
  const bias = layer.bias ? units : 0;
  switch (layer.kind) {
    case "dense":
      return channels * units + bias;
    case "conv2d":
      return window * (channels / (layer.groups ?? 1)) * units + bias;
    case "depthwiseConv2d":
      return window * units + bias;
    case "batchNormalization":
    case "instanceNormalization":
    case "groupNormalization":
    case "layerNormalization":
      return (
        (Number(layer.scale ?? true) +
          Number(layer.center ?? true) +
          (layer.kind === "batchNormalization" ? 2 : 0)) *
        channels
      );
    case "residual":
      return [...layer.main!, ...(layer.shortcut ?? [])]
        .map(parameterCount)
        .reduce((a, b) => a + b, 0);
    default:
      return 0;
  }
}

function layerForward(
  layer: NativeStageLayer,
  parameters: number[],
  input: Float64Array,
  batch: number,
  mode: "learn" | "predict",
): Float64Array {
  const linear = new Float64Array(batch * product(layer.outputShape));
  switch (layer.kind) {
    case "dense":
      dense(layer, parameters, input, linear);
      break;
    case "flatten":
    case "activation":
      linear.set(input);
      break;
    case "dropout":
      input.forEach((value, place) => {
        const { rate = 0, seed = 0 } = layer;
        const isKept = mode === "predict" || droppingHash(seed, place) >= rate * 2 ** 32;
        linear[place] = isKept ? (mode === "predict" ? value : value / (1 - rate)) : 0;
      });
      break;
    case "batchNormalization":
    case "instanceNormalization":
    case "groupNormalization":
    case "layerNormalization":
      normalization(layer, parameters, input, linear, batch, mode);
      break;
    case "residual": {
      const split = layer.main!.map(parameterCount).reduce((a, b) => a + b, 0);
      const paths = [
        naiveForward(layer.main!, parameters.slice(0, split), input, batch, mode),
        naiveForward(layer.shortcut ?? [], parameters.slice(split), input, batch, mode),
      ];
      linear.forEach((_, i) => {
        linear[i] = paths[0]![i]! + paths[1]![i]!;
      });
      break;
    }
    default:
      windows(layer, parameters, input, linear, batch);
  }
  return linear.map(activations(layer.activation ?? "linear"));
}

/** Of a pass that draws with 0, in integers of any size. */
function droppingHash(seed: number, place: number): number {
  const cut = (value: bigint) => value % 2n ** 32n;
  const mix = (value: bigint) => {
    let bits = cut(value);
    bits = cut((bits ^ (bits / 2n ** 16n)) * 0x7feb352dn);
    bits = cut((bits ^ (bits / 2n ** 15n)) * 0x846ca68bn);
    return bits ^ (bits / 2n ** 16n);
  };
  return Number(mix(mix(mix(BigInt(seed))) + BigInt(place) * 0x9e3779b9n));
}

function activations(activation: NativeActivation): (x: number) => number {
  if (typeof activation !== "string") {
    const { name, alpha } = activation;
    return (x) => (x > 0 ? x : alpha * (name === "elu" ? Math.expm1(x) : x));
  }
  switch (activation) {
    case "linear":
      return (x) => x;
    case "relu":
      return (x) => Math.max(x, 0);
    case "relu6":
      return (x) => Math.min(Math.max(x, 0), 6);
    case "tanh":
      return Math.tanh;
    case "sigmoid":
      return (x) => 1 / (1 + Math.exp(-x));
    case "gelu":
      return (x) => x * normalShare(x);
  }
}

/** Of a normal distribution below x: by a continued fraction far out, else by the series. */
function normalShare(x: number): number {
  if (Math.abs(x) > 3) {
    let below = Math.abs(x);
    for (let n = 60; n > 0; n--) below = Math.abs(x) + n / below;
    const tail = Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI) / below;
    return x < 0 ? tail : 1 - tail;
  }
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= -(x * x) / (2 * n);
    sum += term / (2 * n + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

function dense(
  layer: NativeStageLayer,
  parameters: number[],
  input: Float64Array,
  output: Float64Array,
): void {
  const [inputs, units] = [layer.inputShape[0]!, layer.outputShape[0]!];
  output.forEach((_, index) => {
    const [row, unit] = [Math.floor(index / units), index % units];
    let sum = layer.bias ? parameters[inputs * units + unit]! : 0;
    for (let i = 0; i < inputs; i++)
      sum += input[row * inputs + i]! * parameters[i * units + unit]!;
    output[index] = sum;
  });
}

/** Convolutions and poolings: all that looks through a window. */
function windows(
  layer: NativeStageLayer,
  parameters: number[],
  input: Float64Array,
  output: Float64Array,
  batch: number,
): void {
  const [height, width, channels] = layer.inputShape as [number, number, number];
  const whole = layer.kind === "globalAveragePooling2d";
  const [rows, columns, outputs] = whole
    ? [1, 1, channels]
    : (layer.outputShape as [number, number, number]);
  const kernel = whole ? [height, width] : (layer.kernel ?? [1, 1]);
  const strides = layer.strides ?? [1, 1];
  const before = layer.before ?? [0, 0];
  const dilations = layer.dilations ?? [1, 1];
  // Inputs, and outputs, of a group.
  const [ins, outs] = [channels, outputs].map((all) => all / (layer.groups ?? 1)) as [
    number,
    number,
  ];
  const bias = parameters.length - outputs;
  let place = 0;
  for (let image = 0; image < batch; image++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let out = 0; out < outputs; out++) {
          const seen: number[] = [];
          let sum = layer.bias ? parameters[bias + out]! : 0;
          for (let i = 0; i < kernel[0]!; i++)
            for (let j = 0; j < kernel[1]!; j++) {
              const y = row * strides[0] + i * dilations[0] - before[0];
              const x = column * strides[1] + j * dilations[1] - before[1];
              if (y < 0 || y >= height || x < 0 || x >= width) continue;
              const pixel = ((image * height + y) * width + x) * channels;
              const tap = i * kernel[1]! + j;
              if (layer.kind === "depthwiseConv2d") {
                const channel = Math.floor((out * channels) / outputs);
                sum += input[pixel + channel]! * parameters[tap * outputs + out]!;
              } else if (layer.kind === "conv2d") {
                const first = Math.floor(out / outs) * ins;
                for (let c = 0; c < ins; c++)
                  sum += input[pixel + first + c]! * parameters[(tap * ins + c) * outputs + out]!;
              } else seen.push(input[pixel + out]!);
            }
          const mean = seen.reduce((a, b) => a + b, 0) / seen.length;
          if (layer.kind === "maxPooling2d") output[place++] = Math.max(...seen);
          else if (layer.kind === "averagePooling2d" || whole) output[place++] = mean;
          else output[place++] = sum;
        }
}

function normalization(
  layer: NativeStageLayer,
  parameters: number[],
  input: Float64Array,
  output: Float64Array,
  batch: number,
  mode: "learn" | "predict",
): void {
  const channels = layer.inputShape.at(-1)!;
  const perImage = input.length / batch;
  const { scale = true, center = true, epsilon = 1e-3 } = layer;
  const batchWide = layer.kind === "batchNormalization";
  // Values that follow one another and are normalised for themselves.
  const values = batchWide
    ? input.length
    : layer.kind === "layerNormalization"
      ? channels
      : perImage;
  const members =
    layer.kind === "layerNormalization"
      ? channels
      : layer.kind === "groupNormalization"
        ? channels / (layer.groups ?? 1)
        : 1;
  for (let set = 0; set < input.length / values; set++)
    for (let channel = 0; channel < channels; channel += members) {
      const places: number[] = [];
      for (let i = set * values; i < (set + 1) * values; i++)
        if (Math.floor((i % channels) / members) === channel / members) places.push(i);
      const moving = parameters.length - 2 * channels + channel;
      let mean = places.reduce((sum, i) => sum + input[i]!, 0) / places.length;
      let variance = places.reduce((sum, i) => sum + (input[i]! - mean) ** 2, 0) / places.length;
      if (batchWide && mode === "predict")
        [mean, variance] = [parameters[moving]!, parameters[moving + channels]!];
      for (const i of places) {
        const gamma = scale ? parameters[i % channels]! : 1;
        const beta = center ? parameters[(scale ? channels : 0) + (i % channels)]! : 0;
        output[i] = (gamma * (input[i]! - mean)) / Math.sqrt(variance + epsilon) + beta;
      }
    }
}
