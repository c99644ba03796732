import { createCompensator } from "@ferret-ocl/compensation";
import * as tf from "@tensorflow/tfjs";
import { expect } from "vitest";

export const learningRate = 0.1;

/** Gives a late gradient repaired. */
export type Repair = (
  gradient: Float32Array,
  versions: readonly Float32Array[],
  staleness: number,
) => Float32Array;

/** The form on arrays, of a matrix where there are rows. */
export function onArrays(length: number, rows: number): Repair {
  const compensator = createCompensator("secant");
  const matrices = rows > 0 ? [{ offset: 0, rows, columns: length / rows }] : [];
  const state = compensator.init({ parameterCount: length, matrices });
  return (gradient, versions, staleness) => {
    const repaired = gradient.slice();
    compensator.update({ gradient: repaired, versions, state, staleness, learningRate });
    return repaired;
  };
}

/** The form on tensors of a shape. */
export function onTensors(shape: number[]): { repair: Repair; dispose: () => void } {
  const compensator = createCompensator<tf.Tensor>("secant", {}, tf);
  const state = compensator.init({ shape });
  return {
    repair(late, held, staleness) {
      const [gradient, ...versions] = [late, ...held].map((values) =>
        tf.tensor(values.slice(), shape),
      ) as [tf.Tensor, ...tf.Tensor[]];
      const repaired = compensator.update({ gradient, versions, state, staleness, learningRate });
      expect(repaired.shape).toEqual(shape);
      const values = repaired.dataSync().slice() as Float32Array;
      tf.dispose([repaired, gradient, ...versions]);
      return values;
    },
    dispose: () => compensator.dispose(state),
  };
}

interface Quadratic {
  readonly length: number;
  readonly columns: number;
  /** Curvature along the direction in which all rows of a column agree, and beside it. */
  readonly along?: number;
  readonly beside?: number;
  readonly scale?: number;
  /** Staleness at the most, 5 or more. */
  readonly latest?: number;
}

/** Up to the latest one by one, then here and there. */
const stalenessAt = (step: number, latest: number) =>
  step <= 20 ? Math.min(step, latest) : ([latest, 3, 0, 4, latest, 1][step % 6] as number);

/**
 * Late descent on a quadratic whose minimum moves about. The weights after each of 60 updates, each
 * form of `secant` from its own.
 */
export function descend(
  repair: Repair,
  { length, columns, along = 2.5, beside = 0.2, scale = 1, latest = 5 }: Quadratic,
): Float32Array[] {
  const weights: Float32Array[] = [
    Float32Array.from({ length }, (_, i) => scale * (1 + Math.sin(5 * i))),
  ];
  for (let step = 0; step < 60; step++) {
    const staleness = stalenessAt(step, latest);
    const versions = weights.slice(-1 - staleness);
    const [origin, newest] = [versions[0]!, versions.at(-1)!];
    const mean = new Float64Array(columns);
    origin.forEach((theta, i) => {
      mean[i % columns]! += (theta * columns) / length;
    });
    const late = origin.map((theta, i) => {
      const shared = mean[i % columns]!;
      const moved = scale * 0.3 * Math.sin(2.3 * step + (i % columns));
      return along * (shared + moved) + beside * (theta - shared);
    });
    const repaired = repair(late, versions, staleness);
    weights.push(newest.map((theta, i) => theta - learningRate * repaired[i]!));
  }
  return weights;
}

export const onTheirOwn = (shape: number[], quadratic: Quadratic): Float32Array[] => {
  const { repair, dispose } = onTensors(shape);
  const weights = descend(repair, quadratic);
  dispose();
  return weights;
};
