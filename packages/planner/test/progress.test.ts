import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expectedProgress,
  explain,
  leastMemory,
  type Plan,
  type Profile,
  parsePlan,
  parseProfile,
  partitions,
  plainWorkers,
  plan,
  predictMemory,
  predictRun,
  sweep,
  type WorkerConfiguration,
} from "../src/index.js";
import { noOverheads } from "../src/memory.js";
import { participation } from "../src/worker.js";
import { anyProfile, profileOf } from "./profiles.js";

/** Three layers with parameters, one without. */
const profile = parseProfile(
  profileOf([
    { forwardTime: 2, backwardTime: 4, parameterBytes: 4096 },
    { forwardTime: 1, backwardTime: 1, parameterBytes: 0 },
    { forwardTime: 3, backwardTime: 5, parameterBytes: 65536 },
    { forwardTime: 1, backwardTime: 2, parameterBytes: 1024 },
  ]),
);
const sequential = { profile, partition: [0], workers: plainWorkers(1, 1) };
const pressureOf = (arrivalInterval: number) => profile.sequentialTime / arrivalInterval;
/** What plans are compared by: with vectors kept for the repair, 15 % less. */
const worthOf = ({ progress = 0, compensation }: Plan) =>
  compensation === "secant" ? progress / 1.15 : progress;
const choices = [
  { name: "none", vectors: 0, stalenessCost: 0.24 },
  { name: "secant", vectors: 2, stalenessCost: 0.08 },
];

describe("expected progress", () => {
  it("is 1 / pressure for the sequential learner, and 1 where items come slowly", () => {
    for (const pressure of [2, 8, 32])
      expect(
        expectedProgress({ ...sequential, arrivalInterval: profile.sequentialTime / pressure }),
      ).toBeCloseTo(1 / pressure, 12);
    const slow = { ...sequential, arrivalInterval: 3 * profile.sequentialTime };
    expect(expectedProgress(slow)).toBeCloseTo(1, 12);
  });

  it("is the product that its formula says", () => {
    const partition = [0, 2];
    const arrivalInterval = 3;
    const workers: WorkerConfiguration[] = [
      { recompute: false, accumulate: [1, 1], omit: [1, 0] },
      { recompute: true, accumulate: [1, 1], omit: [1, 0] },
    ];
    const { staleness, dropRate } = predictRun(profile, partition, workers, arrivalInterval);
    const taken = 1 - dropRate;
    // Every second item reaches stage 0; the workers' paces differ, so the means do a little.
    const k = 0.5;
    const bytes = [4096, 65536, 1024];
    const weights = bytes.map((size, layer) => size ** 0.2 * Math.exp(-1.2 * (2 - layer)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const late = [staleness[0], staleness[1], staleness[1]] as number[];
    const lateness = late.reduce(
      (total, tau, layer) => total + ((weights[layer] as number) / sum) * Math.log1p(k * tau),
      0,
    );
    const shares = bytes.map((size) => size ** 0.1);
    const first = (shares[0] as number) / shares.reduce((total, share) => total + share, 0);
    const learning = first * Math.log(taken / 2) + (1 - first) * Math.log(taken);
    const found = expectedProgress({
      profile,
      partition,
      workers,
      arrivalInterval,
      stalenessCost: k,
    });
    expect(found).toBeCloseTo(Math.exp(learning - lateness), 10);
    const request = { profile, partition, workers, arrivalInterval, stalenessCost: k };
    expect(expectedProgress({ ...request, optimizer: "sgd" })).toBe(found);
    expect(() => expectedProgress({ ...request, optimizer: "rmsprop" })).toThrow("optimizer");
  });

  it.each([
    ["momentum", 0.8],
    ["adam", 0.4],
  ])("is a product of updates behind %s, whose layers weigh otherwise", (optimizer, decay) => {
    const partition = [0, 2];
    const [gathers] = [{ recompute: false, accumulate: [3, 1], omit: [0, 0] }];
    const workers = new Array<WorkerConfiguration>(5).fill(gathers as WorkerConfiguration);
    const asked = { profile, partition, workers, arrivalInterval: 3, optimizer };
    const { staleness, dropRate } = predictRun(profile, partition, workers, 3);
    const bytes = [4096, 65536, 1024];
    // Of these layers with parameters the first one is in the first stage.
    const shareOf = (exponent: number, decay: number) => {
      const weights = bytes.map((size, layer) => size ** exponent * Math.exp(-decay * (2 - layer)));
      return (weights[0] as number) / weights.reduce((total, weight) => total + weight, 0);
    };
    const at = (stalenessCost: number, given = workers) =>
      Math.log(expectedProgress({ ...asked, workers: given, stalenessCost }));
    const [first, last] = staleness as [number, number];
    expect(first).not.toBeCloseTo(last, 2);
    const share = shareOf(0.2, decay);
    expect(at(0) - at(0.5)).toBeCloseTo(
      2 * (share * Math.log1p(0.5 * first) + (1 - share) * Math.log1p(0.5 * last)),
      10,
    );
    const plain = workers.map((each) => ({ ...each, accumulate: [1, 1] }));
    const every = predictRun(profile, partition, plain, 3).dropRate;
    expect(at(0, plain)).toBeCloseTo(Math.log(1 - every), 10);
    expect(dropRate).toBeCloseTo(every, 10);
    // Where the first stage learns from every second item, as much less as it weighs.
    const omitting = plain.map((each) => ({ ...each, omit: [1, 0] }));
    const taken = 1 - predictRun(profile, partition, omitting, 3).dropRate;
    expect(at(0, omitting)).toBeCloseTo(Math.log(taken) - shareOf(0.1, 1.2) * Math.log(2), 10);
  });

  it("falls with the cost of staleness, with items left out and with gradients gathered", () => {
    const request = { profile, partition: [0, 2], arrivalInterval: 2 };
    const at = (workers: WorkerConfiguration[], stalenessCost = 0.2) =>
      expectedProgress({ ...request, workers, stalenessCost });
    const plain = plainWorkers(2, 5);
    expect(at(plain, 0.4)).toBeLessThan(at(plain, 0.2));
    const [worker] = plain as [WorkerConfiguration];
    const omitting = plain.map((each) => ({ ...each, omit: [3, 0] }));
    expect(at(omitting, 0)).toBeLessThan(at(plain, 0));
    const gathering = plain.map((each) => ({ ...each, accumulate: [4, 1] }));
    expect(at(gathering, 0)).toBeLessThan(at(plain, 0));
    expect(worker.accumulate).toEqual([1, 1]);
  });
});

describe("plans for progress", () => {
  const request = { profile, objective: "progress", compensations: choices } as const;

  it("fit their budget, say what they were made for and read back", () => {
    const arrivalInterval = profile.sequentialTime / 6;
    const found = plan({ ...request, arrivalInterval, memoryBudget: null });
    expect(parsePlan(JSON.parse(JSON.stringify(found)))).toEqual(found);
    expect(found.strategy).toBe("progress");
    const choice = choices.find(({ name }) => name === found.compensation);
    expect(choice).toBeDefined();
    const { partition, workers, inFlight } = found;
    const overheads = { ...noOverheads, compensationVectors: choice?.vectors ?? 0 };
    expect(found.memory).toEqual(predictMemory(profile, partition, workers, overheads, inFlight));
    const { stalenessCost } = choice as { stalenessCost: number };
    expect(found.progress).toBeCloseTo(
      expectedProgress({ ...found, profile, arrivalInterval, stalenessCost }),
      12,
    );
    const half = Math.floor(found.memory.total / 2);
    const least = leastMemory({ ...request, arrivalInterval });
    const budget = Math.max(half, least.memory.total);
    const small = plan({ ...request, arrivalInterval, memoryBudget: budget });
    expect(small.memory.total).toBeLessThanOrEqual(budget);
    expect(least.progress).toBeGreaterThan(1 / pressureOf(arrivalInterval));
    expect(() =>
      plan({ ...request, arrivalInterval, memoryBudget: least.memory.total - 1 }),
    ).toThrow(/at least \d+ bytes/);
  });

  it("fit the least budget that is named, and are refused with a byte less", () => {
    fc.assert(
      fc.property(
        anyProfile({ minLength: 2, maxLength: 7 }),
        fc.double({ min: 0.5, max: 20, noNaN: true }),
        fc.integer({ min: 1, max: 3 }),
        (drawn, pressure, count) => {
          const asked = {
            profile: drawn,
            objective: "progress",
            compensations: choices.slice(0, count),
            arrivalInterval: drawn.sequentialTime / pressure,
            maxWorkers: 6,
          } as const;
          const { total } = leastMemory(asked).memory;
          const tight = plan({ ...asked, memoryBudget: total });
          expect(tight.memory.total).toBeLessThanOrEqual(total);
          for (const memoryBudget of [total - 1, 0])
            expect(() => plan({ ...asked, memoryBudget })).toThrow(`at least ${total} bytes`);
        },
      ),
      { numRuns: 40, seed: 7 },
    );
  });

  it("hold back behind Adam, where more gradients come so late that they teach less", () => {
    const asked = { ...request, arrivalInterval: profile.sequentialTime / 16, memoryBudget: null };
    const compensations = [{ ...choices[0]!, stalenessCost: 0.5 }];
    const [most, fewer] = ["sgd", "adam"].map((optimizer) =>
      plan({ ...asked, compensations, optimizer }),
    ) as [Plan, Plan];
    expect(fewer.memory.total).toBeLessThan(0.8 * most.memory.total);
    const { partition, workers, inFlight } = most;
    const crowded = expectedProgress({
      ...{ profile, partition, workers, ...(inFlight && { inFlight }) },
      ...{ arrivalInterval: asked.arrivalInterval, stalenessCost: 0.5, optimizer: "adam" },
    });
    expect(crowded).toBeLessThan(fewer.progress as number);
  });

  it("are found where compute units are too few for the pace of the sequential learner", () => {
    const arrivalInterval = profile.sequentialTime / 8;
    const asked = { ...request, arrivalInterval, memoryBudget: null, computeUnits: 0.05 };
    const { progress = 0, prediction } = plan(asked);
    expect(progress).toBeGreaterThan(0);
    expect(prediction?.dropRate).toBeGreaterThan(0.9);
  });

  it("let no stage learn from fewer items than the sequential learner, and share slots", () => {
    const arrivalInterval = profile.sequentialTime / 8;
    for (const share of [0, 0.1, 0.3, 1]) {
      const least = leastMemory({ ...request, arrivalInterval }).memory.total;
      const most = plan({ ...request, arrivalInterval, memoryBudget: null }).memory.total;
      const memoryBudget = Math.floor(least + share * (most - least));
      const found = plan({ ...request, arrivalInterval, memoryBudget });
      const { workers, partition, inFlight = [] } = found;
      const taken = 1 - (found.prediction?.dropRate ?? 1);
      partition.forEach((_, stage) => {
        const learned = workers.map(({ omit }) => taken / (participation(omit)[stage] as number));
        const mean = learned.reduce((sum, part) => sum + part, 0) / workers.length;
        expect(mean).toBeGreaterThan(0.9 / 8);
      });
      expect(inFlight.length).toBe(partition.length);
      // A worker may have P - i items at stage i by itself.
      inFlight.forEach((limit, stage) => {
        expect(limit).toBeLessThanOrEqual(workers.length * (partition.length - stage));
      });
    }
  });

  it("never promise less with more memory", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            forwardTime: fc.integer({ min: 1, max: 9 }),
            backwardTime: fc.integer({ min: 1, max: 9 }),
            parameterBytes: fc.integer({ min: 1, max: 64 }).map((lines) => 1024 * lines),
          }),
          { minLength: 2, maxLength: 5 },
        ),
        fc.integer({ min: 2, max: 12 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (layers, pressure, shares) => {
          const drawn = parseProfile(profileOf(layers)) as Profile;
          const asked = {
            ...request,
            profile: drawn,
            arrivalInterval: drawn.sequentialTime / pressure,
            patience: 20,
          };
          const least = leastMemory(asked).memory.total;
          const most = plan({ ...asked, memoryBudget: null });
          const span = Math.max(0, most.memory.total - least);
          let before = 0;
          for (const share of [...shares].sort((a, b) => a - b)) {
            const memoryBudget = Math.floor(least + share * span);
            const worth = worthOf(plan({ ...asked, memoryBudget }));
            // Within the percent in which plans count as alike.
            expect(worth).toBeGreaterThanOrEqual(0.99 * before - 1e-9);
            before = Math.max(before, worth);
          }
          expect(worthOf(most)).toBeGreaterThanOrEqual(0.99 * before - 1e-9);
        },
      ),
      { numRuns: 6 },
    );
  });

  it("repair with vectors only where that promises 15 % more", () => {
    const chosen = new Set<string>();
    for (const stalenessCost of [0.03, 0.06, 0.12, 0.18])
      for (const pressure of [2, 4, 8, 16]) {
        const repairs = [{ name: "free", vectors: 0, stalenessCost: 0.2 }];
        const asked = {
          profile,
          arrivalInterval: profile.sequentialTime / pressure,
          objective: "progress",
          memoryBudget: null,
        } as const;
        const free = plan({ ...asked, compensations: repairs }).progress as number;
        const vectors = [{ name: "vectors", vectors: 4, stalenessCost }];
        const kept = plan({ ...asked, compensations: vectors }).progress as number;
        const { compensation } = plan({ ...asked, compensations: [...repairs, ...vectors] });
        chosen.add(compensation as string);
        // Either may be taken where they are alike.
        if (kept < 1.13 * free) expect(compensation).toBe("free");
        if (kept > 1.17 * free) expect(compensation).toBe("vectors");
      }
    expect([...chosen].sort()).toEqual(["free", "vectors"]);
  });

  it("come near the best of all plans of small techniques", () => {
    const arrivalInterval = profile.sequentialTime / 4;
    const overheads = noOverheads;
    const kinds = (stageCount: number): WorkerConfiguration[] =>
      [false, true].flatMap((recompute) =>
        combinations(stageCount - 1, [
          [1, 0],
          [2, 0],
          [1, 1],
        ]).map((early) => ({
          recompute,
          accumulate: [...early.map(([gather]) => gather as number), 1],
          omit: [...early.map(([, omitted]) => omitted as number), 0],
        })),
      );
    const every = partitions(profile)
      .filter((partition) => partition.length >= 2)
      .flatMap((partition) =>
        [1, 2, 3].flatMap((count) =>
          combinations(count, kinds(partition.length), true).map((workers) => ({
            memory: predictMemory(profile, partition, workers, overheads).total,
            progress: expectedProgress({ profile, partition, workers, arrivalInterval }),
          })),
        ),
      );
    const sizes = every.map(({ memory }) => memory).sort((a, b) => a - b);
    for (const share of [0.05, 0.2, 0.4, 0.7, 1]) {
      const memoryBudget = sizes[Math.floor(share * (sizes.length - 1))] as number;
      const fits = every.filter(({ memory }) => memory <= memoryBudget);
      const best = Math.max(...fits.map(({ progress }) => progress));
      const asked = { profile, arrivalInterval, objective: "progress", maxWorkers: 3 } as const;
      if (leastMemory(asked).memory.total > memoryBudget) continue;
      const { progress = 0 } = plan({ ...asked, memoryBudget });
      expect(progress).toBeGreaterThanOrEqual(0.98 * best);
    }
  });

  it("refuse compensations that are none", () => {
    const asked = { ...request, arrivalInterval: 3, memoryBudget: null };
    expect(() => plan({ ...asked, compensations: [] })).toThrow("at least one compensation");
    expect(() =>
      plan({ ...asked, compensations: [{ name: "x", vectors: -1, stalenessCost: 0 }] }),
    ).toThrow("compensations[0].vectors");
    const known = { name: "x", vectors: 0, stalenessCost: 0 };
    const odd = { ...known, staleCost: 1 };
    expect(() => plan({ ...asked, compensations: [odd] })).toThrow(
      'for a field of compensations[0] but received "staleCost"',
    );
    expect(() => plan({ ...asked, compensations: [known, known] })).toThrow(
      "Expected another name for compensations[1].name",
    );
    expect(() =>
      plan({ ...asked, compensations: [{ name: "x", vectors: 0, stalenessCost: Number.NaN }] }),
    ).toThrow("compensations[0].stalenessCost");
    const { memoryBudget: _, ...unlimited } = asked;
    expect(() => plan({ ...asked, objective: "luck" as never })).toThrow("for objective");
    expect(() => leastMemory({ ...unlimited, objective: "luck" as never })).toThrow(
      "for objective",
    );
    expect(() => plan({ ...asked, strategy: "greedy" })).toThrow("no strategy");
    expect(() => plan({ ...asked, objective: "paper" })).toThrow("for objective");
  });

  it("are swept over budgets and explained like others", () => {
    const unlimited = { ...request, arrivalInterval: 3 };
    const points = sweep(unlimited, 6);
    expect(points.map(({ progress }) => progress)).toEqual(
      points.map(({ plan: { progress } }) => progress),
    );
    for (const [index, { progress = 0, memoryBudget, plan: found }] of points.entries()) {
      expect(found.memory.total).toBeLessThanOrEqual(memoryBudget);
      if (index > 0) expect(progress).toBeGreaterThanOrEqual(points[index - 1]?.progress ?? 0);
    }
    const [, middle] = points;
    const { techniques, nextMebibyte } = explain(middle!.plan, {
      ...unlimited,
      memoryBudget: middle!.memoryBudget,
    });
    expect(nextMebibyte?.progress).toBeGreaterThanOrEqual(middle?.progress as number);
    for (const { progressChange } of techniques) expect(progressChange).toBeTypeOf("number");
  });

  it("are explained with workers and items in flight that were given", () => {
    const { partition, workers, inFlight, memory } = plan({
      ...request,
      arrivalInterval: 3,
      memoryBudget: null,
    });
    const asked = {
      ...request,
      arrivalInterval: 3,
      memoryBudget: memory.total,
      partition,
      workers,
      inFlight: inFlight as number[],
    };
    const { stages, nextMebibyte } = explain(plan(asked), asked);
    expect(stages.map((stage) => stage.inFlight)).toEqual(inFlight);
    expect(nextMebibyte?.progress).toBeGreaterThan(0);
  });
});

/** All lists of `length` entries; where the order does not matter, one of each. */
function combinations<T>(length: number, entries: readonly T[], isUnordered = false): T[][] {
  if (length === 0) return [[]];
  return entries.flatMap((entry, index) =>
    combinations(length - 1, isUnordered ? entries.slice(index) : entries, isUnordered).map(
      (rest) => [entry, ...rest],
    ),
  );
}
