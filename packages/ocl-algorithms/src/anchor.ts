import type { Allotment } from "./allotment.js";
import { BoundaryDetector } from "./boundary.js";
import type { AlgorithmOptions, AlgorithmShape } from "./contract.js";
import { checkCount } from "./errors.js";
import { Plateau } from "./plateau.js";
import { checkSnapshotAt } from "./snapshot-at.js";
import type { StateParts } from "./state.js";

/** Where parameters are held, and when that is renewed. */
export interface Anchor {
  /** The options that its state depends on. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: Float32Array;
  /**
   * Takes in the loss of an item at the newest parameters, and moves the anchor if it is time for
   * that. Returns whether it has moved.
   */
  renew(loss: number, newest: Float32Array): boolean;
  parts(): StateParts;
}

/**
 * The anchor of `mas`: the model as it was at the last boundary of the data (`BoundaryDetector`), or
 * at each plateau of the loss, or after so many items without one.
 */
export function createAnchor(
  { batch, parameterCount }: AlgorithmShape,
  options: AlgorithmOptions,
  memory: Allotment,
): Anchor {
  const snapshotAt = checkSnapshotAt("mas", options, "plateau");
  const parameters = memory.floats("algorithm", parameterCount);
  return snapshotAt === "boundary" ? atBoundary() : atPlateau();

  function atBoundary(): Anchor {
    /** The model when the loss last lay as before. */
    const settled = memory.floats("algorithm", parameterCount);
    const detector = new BoundaryDetector(batch);
    return {
      options: { snapshotAt },
      parameters,
      renew(loss, newest) {
        const turn = detector.add(loss);
        if (turn === "settled") settled.set(newest);
        if (turn === "boundary") parameters.set(settled);
        return turn === "boundary";
      },
      parts: () => ({ detector, anchor: parameters, settled }),
    };
  }

  function atPlateau(): Anchor {
    const { warmUp = 50, refresh = 500 } = options;
    checkCount("warmUp", warmUp);
    checkCount("refresh", refresh);
    const plateau = new Plateau();
    let [items, anchoredAt] = [0, 0];
    const counts = {
      save: () => [items, anchoredAt],
      restore(values: readonly number[]) {
        [items, anchoredAt] = values as [number, number];
      },
    };
    return {
      options: { snapshotAt, warmUp, refresh },
      parameters,
      renew(loss, newest) {
        items++;
        const isFlat = plateau.add(loss);
        if (items < warmUp || !(isFlat || items - anchoredAt >= refresh)) return false;
        parameters.set(newest);
        anchoredAt = items;
        return true;
      },
      parts: () => ({ anchorCounts: counts, plateau, anchor: parameters }),
    };
  }
}
