import { inspect } from "node:util";
import { guardedArrays } from "./guarded.mjs";
import { drawLayers } from "./layers.mjs";
import { strange, strangeNumber } from "./strange.mjs";

/** Programs that need more than this are compiled and not run. */
const mostBytes = 2 ** 24;

const shown = { depth: 4, maxArrayLength: 8, breakLength: Number.POSITIVE_INFINITY };

const keys = [
  "kind",
  "inputShape",
  "outputShape",
  "kernel",
  "strides",
  "before",
  "after",
  "bias",
  "activation",
  "scale",
  "epsilon",
  "momentum",
  "main",
  "shortcut",
];

/** A stage program compiled of layers that often fit, and one pass of it in buffers that do. */
export function callProgram(addon, random) {
  const { below, pick, chance } = random;
  const shape = chance(0.5) ? [1 + below(20)] : [1 + below(7), 1 + below(7), pick([1, 3, 16, 18])];
  const layers = drawLayers(random, shape, 1 + below(4));
  const wrongs = pick([0, 0, 1, 2]);
  for (let wrong = 0; wrong < wrongs; wrong++) spoil(layers, random);
  const batch = chance(0.05) ? strange(random) : 1 + below(4);
  const mode = chance(0.03) ? strange(random) : pick(["learn", "learn", "learn", "predict"]);
  const arrays = guardedArrays();
  const name = pick(Object.keys(passes));
  return {
    get text() {
      return `${name} of ${layers.length} layers, ${wrongs} wrong: ${inspect(layers, shown)}, batch ${typeof batch === "number" ? batch : typeof batch}`;
    },
    run() {
      const program = new addon.StageProgram(layers, batch, mode);
      const sizes = [program.savedBytes, program.pendingBytes, program.scratchBytes];
      sizes.push(4 * program.parameterCount, 4 * program.inputCount, 4 * program.outputCount);
      if (Math.max(...sizes) > mostBytes) return;
      const call = passes[name](buffersOf(program, arrays, random));
      if (chance(0.15)) call[below(call.length)] = strange(random);
      if (chance(0.03)) call[below(call.length)] = new addon.StageProgram(layers, batch, mode);
      addon[name](chance(0.03) ? strange(random) : program, ...call);
    },
    check: arrays.check,
  };
}

/** The passes of a program, and their arguments. */
const passes = {
  programForward: (b) => [b.parameters, b.input, b.saved, b.output, b.scratch],
  programBackward: (b) => [
    b.parameters,
    b.input,
    b.saved,
    b.outputGradient,
    b.inputGradient,
    b.gradient,
    b.scratch,
  ],
  programBackwardUpdate: (b) => [
    b.parameters,
    b.input,
    b.saved,
    b.outputGradient,
    b.inputGradient,
    b.parameters,
    b.destination,
    0.1,
    b.scratch,
  ],
  programBackwardInput: (b) => [
    b.parameters,
    b.input,
    b.saved,
    b.outputGradient,
    b.inputGradient,
    b.pending,
    b.scratch,
  ],
  programBackwardWeights: (b) => [b.saved, b.pending, b.gradient, b.scratch],
};

/**
 * Of the right sizes or a little off, and full of anything: nothing may depend on what they hold.
 */
function buffersOf(program, arrays, random) {
  const { below, pick, chance } = random;
  const near = (length) => (chance(0.02) ? Math.max(0, length + pick([-1, 1, -64])) : length);
  const bytes = (length) => {
    const array = arrays.allocate(Uint8Array, near(length), chance(0.02) ? below(4) : 4 * below(4));
    for (let place = 0; place < array.length; place++) array[place] = below(256);
    return array;
  };
  const floats = (length) => {
    const array = arrays.allocate(Float32Array, near(length), 4 * below(4));
    for (let place = 0; place < array.length; place++) array[place] = random.next() - 0.5;
    return array;
  };
  const input = floats(program.inputCount);
  const parameters = floats(program.parameterCount);
  return {
    input,
    parameters,
    saved: chance(0.05) ? null : bytes(program.savedBytes),
    pending: bytes(program.pendingBytes),
    scratch: bytes(program.scratchBytes),
    output: chance(0.1) ? null : floats(program.outputCount),
    outputGradient: floats(program.outputCount),
    inputGradient: pick([null, input, floats(program.inputCount)]),
    gradient: floats(program.parameterCount),
    destination: chance(0.5) ? parameters : floats(program.parameterCount),
  };
}

/** Puts something into a layer that does not belong there. */
function spoil(layers, random) {
  const { below, pick, chance } = random;
  const place = below(layers.length);
  const layer = layers[place];
  if (typeof layer?.kind !== "string") return; // already spoilt
  if (chance(0.1)) {
    layers[place] = chance(0.3)
      ? { ...layers[place], kind: "residual", main: layers }
      : strange(random);
    return;
  }
  const key = pick(keys);
  const { length } = Array.isArray(layer[key]) ? layer[key] : [];
  if (length > 0 && length < 9 && chance(0.8)) {
    const list = [...layer[key]];
    const at = below(list.length);
    const change = () => Math.max(0, list[at] + pick([-1, 1, 11]));
    list[at] = chance(0.6) && typeof list[at] === "number" ? change() : strangeNumber(random);
    layers[place] = { ...layer, [key]: list };
  } else layers[place] = { ...layer, [key]: strange(random) };
}
