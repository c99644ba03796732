// The network and the stream of play-a-plan.mjs. A matrix is an array of rows, one row a sample; the
// parameters of a layer are one vector, [inputs x outputs] weights and then a bias for each output.

const sizes = [2, 16, 16, 16, 4];
export const batch = 8;
export const learningRate = 0.2;

/** Numbers between 0 and 1 by Park and Miller's generator, the same in every language. */
export function createRandom(seed) {
  let state = seed;
  return () => {
    state = (16807 * state) % 2147483647;
    return state / 2147483647;
  };
}

/** The layers, with their parameters drawn; the rectifier is on all but the last one. */
export function createLayers(random) {
  return sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    const bound = Math.sqrt(6 / inputs);
    const draw = (_, at) => (at < inputs * outputs ? bound * (2 * random() - 1) : 0);
    const parameters = Float32Array.from({ length: (inputs + 1) * outputs }, draw);
    return { inputs, outputs, hasRectifier: index < sizes.length - 2, parameters };
  });
}

/** Points of a square. The class is the quarter in which a point lies, about a centre that wanders. */
export function drawItem(random, k, itemCount) {
  const centre = k / itemCount - 0.5;
  const points = Array.from({ length: batch }, () => [2 * random() - 1, 2 * random() - 1]);
  return {
    x: points.map((point) => point.map(Math.fround)),
    labels: points.map(([a, b]) => (a > centre ? 1 : 0) + (b > centre ? 2 : 0)),
  };
}

/** The output of a layer. */
export function forward({ inputs, outputs, hasRectifier }, parameters, x) {
  return x.map((row) =>
    Array.from({ length: outputs }, (_, to) => {
      let sum = parameters[inputs * outputs + to];
      for (let from = 0; from < inputs; from++) sum += row[from] * parameters[from * outputs + to];
      return hasRectifier ? Math.max(0, sum) : sum;
    }),
  );
}

/** Gradients at a layer's parameters and at its input, of the one at its output. */
export function backward({ inputs, outputs, hasRectifier }, parameters, x, y, outputGradient) {
  const gradient = new Float32Array(parameters.length);
  const inputGradient = x.map((row, sample) => {
    const back = new Array(inputs).fill(0);
    for (let to = 0; to < outputs; to++) {
      if (hasRectifier && y[sample][to] <= 0) continue;
      const g = outputGradient[sample][to];
      gradient[inputs * outputs + to] += g;
      for (let from = 0; from < inputs; from++) {
        gradient[from * outputs + to] += row[from] * g;
        back[from] += parameters[from * outputs + to] * g;
      }
    }
    return back;
  });
  return { gradient, inputGradient };
}

/** Gradient of the mean cross entropy at the logits: softmax less the label, over the batch. */
export function lossGradient(logits, labels) {
  return logits.map((row, sample) => {
    const most = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power, label) => (power / sum - (label === labels[sample] ? 1 : 0)) / batch);
  });
}

/** How many rows of logits have their largest value at the label. */
export function countRight(logits, labels) {
  return logits.filter((row, sample) => row.indexOf(Math.max(...row)) === labels[sample]).length;
}
