// What is no profile, no partition and no request is refused by name, in one sentence.
import { describe, expect, it } from "vitest";
import {
  balancedPartition,
  explain,
  InputError,
  leastMemory,
  mostStages,
  paperMemory,
  partitions,
  pipeDream2BwMemory,
  plainWorkers,
  plan,
  predictMemory,
  predictRun,
  predictSlotMemory,
  sweep,
} from "../src/index.js";

const functions = {
  balancedPartition,
  explain,
  leastMemory,
  mostStages,
  paperMemory,
  partitions,
  pipeDream2BwMemory,
  plainWorkers,
  plan,
  predictMemory,
  predictRun,
  predictSlotMemory,
  sweep,
};

const nonsense = [undefined, null, Number.NaN, "x", [], {}, { layers: [null] }, { profile: 7 }];

describe("nonsense is refused by name", () => {
  it.each(Object.entries(functions))("%s", (_, work) => {
    const call = work as (...words: unknown[]) => unknown;
    for (const value of nonsense) {
      const attempt = () => call(value, value, value, value);
      expect(attempt).toThrow(InputError);
      expect(attempt).toThrow(/^Expected [^\n]+ but received [^\n]+$/);
    }
  });
});
