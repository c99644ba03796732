// What is no profile, no partition and no request is refused by name, in one sentence.
import { describe, expect, it } from "vitest";
import {
  adaptationRate,
  balancedPartition,
  explain,
  InputError,
  leastMemory,
  mostStages,
  noOverheads,
  paperMemory,
  parsePlan,
  parseProfile,
  partitions,
  pipeDream2BwMemory,
  plainWorkers,
  plan,
  predictMemory,
  predictRun,
  predictSlotMemory,
  slots,
  sweep,
} from "../src/index.js";
import { profileOf } from "./profiles.js";

const functions = {
  adaptationRate,
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
  slots,
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

const profile = profileOf([{}, {}]);
const workers = plainWorkers(2, 1);
const request = { profile, arrivalInterval: 2, memoryBudget: null };

/** The sentence with which something is refused. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return "nothing was refused";
}

describe("overheads that are left out", () => {
  const memoryWith: Record<string, (overheads: object) => number> = {
    predictMemory: (given) => predictMemory(profile, [0, 1], workers, given).total,
    predictSlotMemory: (given) =>
      predictSlotMemory(profile, [0, 1], slots([0, 1], workers), given).total,
    pipeDream2BwMemory: (given) => pipeDream2BwMemory(profile, [0, 1], given).total,
    plan: (overheads) => plan({ ...request, overheads, partition: [0, 1], workers }).memory.total,
  };
  it.each(Object.entries(memoryWith))("%s takes as none, and refuses wrong ones", (_, bytes) => {
    expect(bytes({})).toBe(bytes(noOverheads));
    expect(bytes({ compensationVectors: 2 })).toBe(
      bytes({ ...noOverheads, compensationVectors: 2 }),
    );
    expect(bytes({ compensationVectors: 2 })).toBeGreaterThan(bytes({}));
    expect(refusal(() => bytes({ compensationVector: 2 }))).toMatch(
      /^Expected one of executorCount, .+ for a field of overheads but received "compensationVector"/,
    );
    expect(refusal(() => bytes({ executorCount: 0 }))).toContain("for overheads.executorCount but");
    expect(refusal(() => bytes({ replayBytes: Number.NaN }))).toContain("overheads.replayBytes");
  });
});

describe("what is missing or misspelt is named", () => {
  const rate = { ...request, partition: [0, 1], workers };
  it.each<[string, () => unknown]>([
    ["for partition but", () => adaptationRate(request as never)],
    ["for workers but", () => adaptationRate({ ...rate, workers: undefined } as never)],
    ["for arrivalInterval but", () => adaptationRate({ ...rate, arrivalInterval: 0 })],
    ["for interval but", () => adaptationRate({ ...rate, interval: "papers" } as never)],
    ["for workers[0].omit but", () => predictMemory(profile, [0, 1], [{}] as never)],
    ["for workers[0].omit but", () => predictRun(profile, [0, 1], [{}] as never, 2)],
    ["for workers[0].omit but", () => paperMemory(profile, [0, 1], [{}] as never)],
    ["for workers[0].omit but", () => slots([0, 1], [{}] as never)],
    ["one worker for workers but", () => slots([0, 1], [])],
    ["for counts.versions but", () => predictSlotMemory(profile, [0, 1], {} as never)],
    ["for computeUnits but", () => predictRun(profile, [0, 1], workers, 2, 0)],
    [
      "or null for no limit, for memoryBudget",
      () => plan({ profile, arrivalInterval: 2 } as never),
    ],
    ...[plan, leastMemory, sweep].map((work): [string, () => unknown] => [
      'for a field of request but received "maxWorker"',
      () => work({ ...request, maxWorker: 2 } as never),
    ]),
  ])("%s", (words, work) => {
    expect(refusal(work)).toContain(words);
  });

  it.each([parseProfile, parsePlan])("text is to be parsed, and is not printed whole", (parse) => {
    const message = refusal(() => parse(JSON.stringify({ profile, again: profile })));
    expect(message).toMatch(
      /^Expected an object, as JSON.parse returns for the text, for (profile|plan)/,
    );
    expect(message.length).toBeLessThan(250);
  });
});
