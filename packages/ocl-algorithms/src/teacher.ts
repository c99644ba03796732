import type { Allotment } from "./allotment.js";
import { BoundaryDetector } from "./boundary.js";
import type { AlgorithmOptions, AlgorithmShape, ModelAccess } from "./contract.js";
import { checkCount } from "./errors.js";
import { HeardLosses } from "./heard-losses.js";
import { checkSnapshotAt } from "./snapshot-at.js";
import type { StateParts } from "./state.js";

/** What a teacher is asked for when an item is composed. */
export interface Teacher {
  /** The options that its state depends on. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of the teacher. */
  readonly parameters: Float32Array;
  /** By class: 1 where one was learned before the teacher was taken. */
  readonly known: Uint8Array;
  /** Takes a new teacher where it is time for one. Returns whether there is one. */
  renew(model: ModelAccess): boolean;
  /** To be told of each batch that is learned: labels and mean loss, on whatever thread. */
  learn(labels: Int32Array, size: number, loss: number): void;
  parts(): StateParts;
}

/**
 * The teacher of `lwf`: the model as it was at the last boundary of the data (`BoundaryDetector`), or
 * every so many items.
 * @param classes of which it is known whether the teacher has learned them; 0: of none.
 */
export function createTeacher(
  { batch, parameterCount }: AlgorithmShape,
  options: AlgorithmOptions,
  classes: number,
  memory: Allotment,
): Teacher {
  const snapshotAt = checkSnapshotAt("lwf", options, "interval");
  const parameters = memory.floats("algorithm", parameterCount);
  /** By class: 1 once it was learned; the same when the teacher was taken. */
  const marks = () => (classes > 0 ? memory.octets("algorithm", classes) : new Uint8Array(0));
  const seen = marks();
  const known = marks();
  const see = (labels: Int32Array, size: number) => {
    if (classes > 0)
      for (let sample = 0; sample < size; sample++) seen[labels[sample] as number] = 1;
  };
  if (snapshotAt === "boundary") return atBoundary();
  return atInterval();

  function atInterval(): Teacher {
    const { warmUp = 100, refresh = 100 } = options;
    checkCount("warmUp", warmUp);
    checkCount("refresh", refresh);
    let items = 0;
    const counts = {
      save: () => [items],
      restore([count]: readonly number[]) {
        items = count as number;
      },
    };
    return {
      options: { snapshotAt, warmUp, refresh },
      parameters,
      known,
      renew(model) {
        if (items >= warmUp && (items - warmUp) % refresh === 0) {
          model.readParameters(parameters);
          known.set(seen);
        }
        return items++ >= warmUp;
      },
      learn: see,
      parts: () => ({ counts, teacher: parameters, seen, known }),
    };
  }

  function atBoundary(): Teacher {
    /** The model when the loss last lay as before, and what it knew. */
    const settled = memory.floats("algorithm", parameterCount);
    const settledSeen = marks();
    const losses = new HeardLosses(memory);
    const detector = new BoundaryDetector(batch);
    let [boundaries, isSettled] = [0, false];
    const counts = {
      save: () => [boundaries],
      restore([count]: readonly number[]) {
        boundaries = count as number;
      },
    };
    const hear = (loss: number) => {
      const turn = detector.add(loss);
      if (turn === "settled") isSettled = true;
      if (turn !== "boundary") return;
      parameters.set(settled);
      known.set(settledSeen);
      boundaries++;
      isSettled = false;
    };
    return {
      options: { snapshotAt },
      parameters,
      known,
      renew(model) {
        losses.read(hear);
        if (isSettled) {
          model.readParameters(settled);
          settledSeen.set(seen);
          isSettled = false;
        }
        return boundaries > 0;
      },
      learn(labels, size, loss) {
        see(labels, size);
        losses.tell(loss);
      },
      parts: () => ({
        ...{ counts, detector, ...losses.parts() },
        ...{ teacher: parameters, seen, known, settled, settledSeen },
      }),
    };
  }
}
