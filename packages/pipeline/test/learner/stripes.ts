/** Values of a sample, and classes. */
export const inputLength = 12;
export const classes = 3;

/** Numbers from 0 to below 1 that look random, by a linear congruence. */
function draws(seed: number): () => number {
  let state = (seed * 7919 + 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** An item of a stream that can be learned: the class is the third of a sample that is bright. */
export function stripes(item: number, count: number): { x: Float32Array; y: Int32Array } {
  const draw = draws(item + 1);
  const y = Int32Array.from({ length: count }, () => Math.floor(classes * draw()));
  const third = inputLength / classes;
  const x = Float32Array.from(
    { length: count * inputLength },
    (_, index) =>
      draw() -
      0.5 +
      (Math.floor((index % inputLength) / third) === y[Math.floor(index / inputLength)] ? 1 : 0),
  );
  return { x, y };
}

const dense = (units: number, activation: string) => ({
  class_name: "Dense",
  config: { units, activation },
});

/** Three dense layers, without the shape of a sample. */
export const layers = [dense(16, "relu"), dense(16, "relu"), dense(classes, "linear")];
