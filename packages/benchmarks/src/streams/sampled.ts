import { inputLength, type LabelledData } from "../datasets/contract.js";
import type { Ordered, Task } from "./contract.js";

/** What distinguishes one order from another. */
export interface Sampling {
  readonly itemCount: number;
  readonly batch: number;
  readonly tasks?: readonly Task[];
  /** Index of the sample at a place (0 .. batch - 1) of an item. */
  sample(item: number, place: number): number;
  /** How that sample is read; default `data.read`. */
  read?(index: number, item: number, place: number, x: Float32Array, offset: number): void;
}

/** The stream of a sampling of some data. */
export function sampledStream(data: LabelledData, sampling: Sampling): Ordered {
  const { itemCount, batch, tasks } = sampling;
  const length = inputLength(data);
  // Where there are few items some tasks may have got none.
  const shown = tasks?.filter(
    ({ firstItem }, place) => firstItem < (tasks[place + 1]?.firstItem ?? itemCount),
  );
  return {
    itemCount,
    batch,
    inputLength: length,
    classes: data.classes,
    sampleCount: data.count,
    sampleAt: (item, place) => sampling.sample(item, place),
    ...(shown ? { tasks: shown } : {}),
    readItem(k, x, labels) {
      if (!(Number.isInteger(k) && k >= 0 && k < itemCount))
        throw new RangeError(`Expected an item from 0 to ${itemCount - 1} but received ${k}`);
      for (let place = 0; place < batch; place++) {
        const index = sampling.sample(k, place);
        if (sampling.read) sampling.read(index, k, place, x, place * length);
        else data.read(index, x, place * length);
        labels[place] = data.label(index);
      }
    },
  };
}
