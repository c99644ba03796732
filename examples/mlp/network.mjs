// The network of play-a-plan.mjs: dense layers, in plain JavaScript. A matrix is an array of rows,
// one row per sample; a layer's parameters are one vector, [inputs x outputs] weights, then the
// biases.

const sizes = [2, 16, 16, 16, 4];
const learningRate = 0.05;

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

/** Forward pass of consecutive layers: their input, and the output of each. */
export function forward(layers, parameters, x) {
  const tensors = [x];
  for (const [at, layer] of layers.entries())
    tensors.push(forwardLayer(layer, parameters[at], tensors[at]));
  return tensors;
}

function forwardLayer({ inputs, outputs, hasRectifier }, parameters, x) {
  return x.map((row) =>
    Array.from({ length: outputs }, (_, to) => {
      let sum = parameters[inputs * outputs + to];
      for (let from = 0; from < inputs; from++) sum += row[from] * parameters[from * outputs + to];
      return hasRectifier ? Math.max(0, sum) : sum;
    }),
  );
}

/** Gradients at the parameters of each layer and at the input, of the one at the output. */
export function backward(layers, parameters, tensors, outputGradient) {
  const gradients = [];
  let back = outputGradient;
  for (let at = layers.length - 1; at >= 0; at--) {
    const [x, y] = [tensors[at], tensors[at + 1]];
    const { gradient, inputGradient } = backwardLayer(layers[at], parameters[at], x, y, back);
    gradients[at] = gradient;
    back = inputGradient;
  }
  return { gradients, inputGradient: back };
}

function backwardLayer({ inputs, outputs, hasRectifier }, parameters, x, y, outputGradient) {
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
    const target = (label) => (label === labels[sample] ? 1 : 0);
    return powers.map((power, label) => (power / sum - target(label)) / logits.length);
  });
}

/** How many rows of logits have their largest value at the label. */
export function countRight(logits, labels) {
  return logits.filter((row, sample) => row.indexOf(Math.max(...row)) === labels[sample]).length;
}

/** Sums of two lists of vectors. */
export const add = (some, others) =>
  some.map((vector, at) => vector.map((v, i) => v + others[at][i]));

/** New parameters, a step of plain descent from the given ones. */
export const descend = (parameters, gradients) =>
  parameters.map((vector, at) => vector.map((v, i) => v - learningRate * gradients[at][i]));
