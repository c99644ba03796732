import type { TimedAction } from "../src/index.js";

/** A chain of dense layers in double precision; the rectifier is on all but the last one. */
export interface NaiveLayer {
  readonly inputs: number;
  readonly units: number;
  readonly relu: boolean;
  /** Dropout behind it, with the seed that the layer has in the model. */
  readonly drop?: { readonly rate: number; readonly seed: number };
}

type Matrix = readonly (readonly number[])[];

function forward({ inputs, units, relu }: NaiveLayer, weights: readonly number[], x: Matrix) {
  return x.map((row) =>
    Array.from({ length: units }, (_, unit) => {
      let sum = weights[inputs * units + unit]!;
      for (let i = 0; i < inputs; i++) sum += row[i]! * weights[i * units + unit]!;
      return relu ? Math.max(0, sum) : sum;
    }),
  );
}

function backward(
  { inputs, units, relu }: NaiveLayer,
  weights: readonly number[],
  x: Matrix,
  y: Matrix,
  outputGradient: Matrix,
) {
  const gradient = new Array<number>(inputs * units + units).fill(0);
  const inputGradient = x.map((row, sample) => {
    const back = new Array<number>(inputs).fill(0);
    for (let unit = 0; unit < units; unit++) {
      if (relu && y[sample]![unit]! <= 0) continue;
      const g = outputGradient[sample]![unit]!;
      gradient[inputs * units + unit]! += g;
      for (let i = 0; i < inputs; i++) {
        gradient[i * units + unit]! += row[i]! * g;
        back[i]! += weights[i * units + unit]! * g;
      }
    }
    return back;
  });
  return { gradient, inputGradient };
}

/** What dropout makes of ones: the factors of an item's values, one row a sample. */
function dropped({ units, drop }: NaiveLayer, item: number, samples: number): Matrix | null {
  if (!drop) return null;
  const cut = (value: bigint) => value % 2n ** 32n;
  const mix = (value: bigint) => {
    let bits = cut(value);
    bits = cut((bits ^ (bits / 2n ** 16n)) * 0x7feb352dn);
    bits = cut((bits ^ (bits / 2n ** 15n)) * 0x846ca68bn);
    return bits ^ (bits / 2n ** 16n);
  };
  const key = mix(mix(BigInt(drop.seed) ^ BigInt(item)));
  return Array.from({ length: samples }, (_, sample) =>
    Array.from({ length: units }, (_, unit) => {
      const hash = mix(key + BigInt(sample * units + unit) * 0x9e3779b9n);
      return Number(hash) >= drop.rate * 2 ** 32 ? 1 / (1 - drop.rate) : 0;
    }),
  );
}

const times = (values: Matrix, factors: Matrix | null): Matrix =>
  factors ? values.map((row, at) => row.map((value, i) => value * factors[at]![i]!)) : values;

interface NaiveStage {
  readonly layers: readonly NaiveLayer[];
}

export interface NaiveItem {
  readonly x: Matrix;
  readonly labels: readonly number[];
  /** Where there are some, the loss is the mean squared error; else cross entropy. */
  readonly targets?: Matrix | undefined;
}

function lossGradient(outputs: Matrix, { labels, targets }: NaiveItem): Matrix {
  if (!targets) return softmaxGradient(outputs, labels);
  return outputs.map((row, sample) =>
    row.map((value, at) => (2 * (value - targets[sample]![at]!)) / (outputs.length * row.length)),
  );
}

function softmaxGradient(logits: Matrix, labels: readonly number[]): Matrix {
  return logits.map((row, sample) => {
    const exponentials = row.map((value) => Math.exp(value - Math.max(...row)));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return exponentials.map(
      (value, label) => (value / sum - (label === labels[sample] ? 1 : 0)) / logits.length,
    );
  });
}

/** Gradient of one item's mean loss at the parameters of a chain of layers, both in one vector. */
export function gradientOf(
  layers: readonly NaiveLayer[],
  parameters: readonly number[],
  item: NaiveItem,
): number[] {
  let offset = 0;
  const passed = [item.x];
  const weights = layers.map((layer) => {
    const start = offset;
    offset += (layer.inputs + 1) * layer.units;
    const own = parameters.slice(start, offset);
    passed.push(forward(layer, own, passed.at(-1)!));
    return own;
  });
  let back = lossGradient(passed.at(-1)!, item);
  const gradients = layers.map((_, reverse) => {
    const index = layers.length - 1 - reverse;
    const [own, input, output] = [weights[index]!, passed[index]!, passed[index + 1]!];
    const result = backward(layers[index]!, own, input, output, back);
    back = result.inputGradient;
    return result.gradient;
  });
  return gradients.reverse().flat();
}

/** How far an update moves weights, in learning rates; one for each vector of weights, it may remember. */
type NaiveStep = (gradient: readonly number[]) => readonly number[];

/** As `torch.optim` defines them, in double precision. */
const naiveOptimizers: Readonly<Record<string, () => NaiveStep>> = {
  sgd: () => (gradient) => gradient,
  // As much as late descent at these learning rates bears: where it diverges, so do rounding errors.
  momentum() {
    let velocity: number[] | undefined;
    return (gradient) => {
      const before = velocity;
      velocity = gradient.map((g, at) => 0.5 * (before?.[at] ?? 0) + g);
      return velocity;
    };
  },
  // An epsilon at which rounding errors of gradients about 0 do not make steps.
  adam() {
    const mean: number[] = [];
    const meanSquare: number[] = [];
    let steps = 0;
    return (gradient) => {
      steps++;
      return gradient.map((g, at) => {
        mean[at] = 0.9 * (mean[at] ?? 0) + 0.1 * g;
        meanSquare[at] = 0.999 * (meanSquare[at] ?? 0) + 0.001 * g * g;
        const second = meanSquare[at]! / (1 - 0.999 ** steps);
        return mean[at]! / (1 - 0.9 ** steps) / (Math.sqrt(second) + 0.1);
      });
    };
  },
};

/** What the pipeline is told for the same. */
export const optimizerOptions: Readonly<Record<string, object>> = {
  momentum: { momentum: 0.5 },
  adam: { epsilon: 0.1 },
};

/** Weights of one stage, layer by layer, from the time of an update on. */
interface Version {
  readonly time: number;
  readonly weights: readonly (readonly number[])[];
}

export interface ReplayOptions {
  /** Default: plain descent. */
  readonly optimizer?: string;
  /**
   * The first action of those while no item comes any more: from there on the nth late gradient of
   * a stage counts as 1 / (n + 1); of an optimizer other than plain descent, the step that it makes
   * does, and of gathered gradients the mean of what each counts for. Default: none.
   */
  readonly drainsFrom?: number;
}

/**
 * Trains by a recorded run: every forward pass takes the weights that were newest when it began,
 * a backward pass those of its forward pass, an update all gradients since the last one. It keeps
 * every version for ever and shares no code with the pipeline.
 *
 * @param initial parameters, stage after stage, layer after layer.
 */
export function replay(
  actions: readonly TimedAction[],
  stages: readonly NaiveStage[],
  items: readonly NaiveItem[],
  initial: readonly number[],
  learningRate: number,
  { optimizer = "sgd", drainsFrom = actions.length }: ReplayOptions = {},
): { parameters: number[]; staleness: number[][] } {
  let offset = 0;
  const versions: Version[][] = stages.map(({ layers }) => [
    {
      time: Number.NEGATIVE_INFINITY,
      weights: layers.map(({ inputs, units }) => {
        offset += inputs * units + units;
        return initial.slice(offset - inputs * units - units, offset);
      }),
    },
  ]);
  const steps = stages.map(({ layers }) => layers.map(() => naiveOptimizers[optimizer]!()));
  const pending: (number[][] | null)[] = stages.map(() => null);
  const staleness: number[][] = stages.map(() => []);
  const drained = stages.map(() => 0);
  const shares: number[][] = stages.map(() => []);
  const used = new Map<string, Version>();
  const tensors = new Map<string, Matrix[]>();
  const gradients = new Map<number, Matrix>();

  const publish = (stage: number, time: number) => {
    const newest = versions[stage]!.at(-1)!;
    const sum = shares[stage]!.reduce((total, share) => total + share, 0);
    const share = sum / shares[stage]!.length;
    const weights = newest.weights.map((layer, index) => {
      const whole = pending[stage]![index]!.map((value) => value / share);
      const step = steps[stage]![index]!(whole);
      return layer.map((value, at) => value - learningRate * share * step[at]!);
    });
    versions[stage]!.push({ time, weights });
    pending[stage] = null;
    shares[stage] = [];
  };

  for (const [at, { kind, item, stage, start, end }] of actions.entries()) {
    const { layers } = stages[stage]!;
    const key = `${item}/${stage}`;
    if (kind === "F") {
      const version = versions[stage]!.findLast(({ time }) => time <= start)!;
      used.set(key, version);
      const first = stage === 0 ? items[item]!.x : tensors.get(`${item}/${stage - 1}`)!.at(-1)!;
      const passed = [first];
      layers.forEach((layer, index) => {
        const output = forward(layer, version.weights[index]!, passed.at(-1)!);
        passed.push(times(output, dropped(layer, item, output.length)));
      });
      tensors.set(key, passed);
      if (stage === stages.length - 1)
        gradients.set(item, lossGradient(passed.at(-1)!, items[item]!));
    } else if (kind === "B") {
      const version = used.get(key)!;
      const passed = tensors.get(key)!;
      staleness[stage]!.push(versions[stage]!.length - 1 - versions[stage]!.indexOf(version));
      let gradient = gradients.get(item)!;
      const own = layers.map(() => [] as number[]);
      for (let index = layers.length - 1; index >= 0; index--) {
        const back = backward(
          layers[index]!,
          version.weights[index]!,
          passed[index]!,
          passed[index + 1]!,
          times(gradient, dropped(layers[index]!, item, gradient.length)),
        );
        own[index] = back.gradient;
        gradient = back.inputGradient;
      }
      gradients.set(item, gradient);
      const before = pending[stage];
      const isLate = before !== null || staleness[stage]!.at(-1)! > 0;
      const share = isLate && at >= drainsFrom ? 1 / (1 + ++drained[stage]!) : 1;
      shares[stage]!.push(share);
      own.forEach((layer, index) => {
        own[index] = layer.map((value) => value * share);
      });
      pending[stage] = before
        ? before.map((layer, index) => layer.map((value, at) => value + own[index]![at]!))
        : own;
    } else if (kind === "U") {
      publish(stage, end);
    }
  }
  stages.forEach((_, stage) => {
    if (pending[stage]) publish(stage, Number.POSITIVE_INFINITY);
  });
  return { parameters: versions.flatMap((all) => all.at(-1)!.weights.flat()), staleness };
}
