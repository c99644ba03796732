import { existsSync } from "node:fs";
import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { beforeAll, describe, expect, it } from "vitest";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { parseRecords } from "../src/record.js";
import { remarks } from "../src/report/words.js";
import type { RunSetting } from "../src/setting.js";
import { inputErrorOf } from "./datasets-encode.js";
import { shortRun, stable } from "./runs.js";
import { setting } from "./samples.js";

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

const learners: Pick<RunSetting, "method" | "memoryBudget">[] = [
  { method: "oracle", memoryBudget: "none" },
  { method: "1-skip", memoryBudget: "none" },
  { method: "random-n", memoryBudget: "none" },
  { method: "last-n", memoryBudget: "none" },
  { method: "camel", memoryBudget: "none" },
  { method: "ferret", memoryBudget: "min" },
  { method: "ferret", memoryBudget: "2bw" },
  { method: "ferret", memoryBudget: "none" },
];
const everyRun = learners
  .flatMap((learner) =>
    algorithmNames.flatMap((algorithm) =>
      ["none", "iter-fisher", "secant"].map((compensation) => ({
        ...learner,
        algorithm,
        compensation,
      })),
    ),
  )
  // So much of its time goes into composing that two versions of so small a model are too few.
  .filter(({ algorithm, memoryBudget }) => algorithm !== "mir" || memoryBudget !== "2bw");

/**
 * Pressure 8: one in eight. With the 16 replayed samples, learning an item of 4 takes 5 times as
 * long, with a teacher's forward pass 4/3 times, with a forward and a backward pass twice as long.
 */
const learnedBySkipping: Readonly<Record<string, number>> = {
  vanilla: 5,
  er: 1,
  mir: 1,
  lwf: 4,
  mas: 3,
};

describe("a run", () => {
  it.each(everyRun)(
    "$method under $memoryBudget, $algorithm, $compensation: holds what was planned, within its budget",
    async (change) => {
      const { memory, items, learned, dropped, ...record } = await shortRun(
        setting(change),
        machinery,
      );
      expect(memory.peak).toBeLessThanOrEqual(memory.budget ?? Number.POSITIVE_INFINITY);
      expect(memory.peak).toBeLessThanOrEqual(memory.planned);
      if (machinery.runtime.name === "native") expect(memory.peak).toBe(memory.planned);
      const parts = Object.values(memory.byCategory).reduce((sum, bytes) => sum + bytes, 0);
      expect(parts).toBe(memory.peak);
      expect(memory.budget === null).toBe(change.memoryBudget === "none");
      expect([items, learned + dropped]).toEqual([40, 40]);
      if (change.method === "oracle") expect(dropped).toBe(0);
      if (change.method === "1-skip") expect(learned).toBe(learnedBySkipping[change.algorithm]);
      expect(record.plan === null).toBe(change.method !== "ferret");
      expect(record.curve.items.at(-1)).toBe(40);
      expect(record.curve.oacc.at(-1)).toBe(record.oacc);
    },
  );

  it("that skips batches, one item of them at once, learns what 1-Skip learns", async () => {
    const [skip, last, four] = await Promise.all(
      [
        setting({ method: "1-skip" }),
        setting({ method: "last-n", batchSkip: { waiting: 4, atOnce: 1 } }),
        setting({ method: "last-n" }),
      ].map((each) => shortRun(each, machinery)),
    );
    expect([last!.oacc, last!.tacc, last!.learned]).toEqual([
      skip!.oacc,
      skip!.tacc,
      skip!.learned,
    ]);
    expect([skip, last, four].map((record) => record!.batchSkip)).toEqual([
      null,
      { waiting: 4, atOnce: 1 },
      { waiting: 8, atOnce: 4 },
    ]);
    // Steps of one item are a quarter as large as those of four.
    expect(last!.memory.planned).toBeLessThan(four!.memory.planned);
  });

  it("counts gradients and updates by stage: a T3 plan learns less than it takes in", async () => {
    const workers = [{ recompute: false, accumulate: [2, 1], omit: [1, 0] }];
    const given = { partition: [0, 2], workers };
    // So slow a stream that nothing is dropped.
    const record = await shortRun(setting({ given, pressure: 0.5 }), machinery);
    expect([record.learned, record.dropped]).toEqual([40, 0]);
    const [first, last] = record.stages!;
    expect(last).toEqual({ gradients: 40, updates: 40 });
    // Every other backward pass of the first stage is left out, and two gradients make an update.
    expect(first?.gradients).toBe(20);
    expect(first?.updates).toBe(10);
    const oracle = await shortRun(setting({ method: "oracle" }), machinery);
    expect(oracle.stages).toEqual([{ gradients: 40, updates: 40 }]);
  });

  it("gives the same record from the same seed, to the last bit, and another from another", async () => {
    const change = { algorithm: "er", compensation: "iter-fisher", memoryBudget: "2bw" } as const;
    const first = await shortRun(setting(change), machinery);
    const second = await shortRun(setting(change), machinery);
    expect(stable(second)).toEqual(stable(first));
    expect(JSON.stringify(stable(second))).toBe(JSON.stringify(stable(first)));
    const other = await shortRun(setting({ ...change, seed: 1 }), machinery);
    expect(other.curve).not.toEqual(first.curve);
  });

  it.each(algorithmNames)(
    "on threads and the wall clock, %s: holds what was planned and predicts every item",
    async (algorithm) => {
      const { memory, items, learned, curve, engine, threads, arrivalInterval, timeline } =
        await shortRun(
          setting({
            algorithm,
            engine: "threads",
            threads: 2,
            arrival: "max",
            timing: "measured",
          }),
          machinery,
        );
      if (machinery.runtime.name === "native") expect(memory.peak).toBe(memory.planned);
      expect([items, learned, curve.items.at(-1)]).toEqual([40, 40, 40]);
      expect([engine, threads?.count]).toEqual(["threads", 2]);
      // A prediction, and two or more passes in each direction, of every item.
      expect(threads?.actions).toBeGreaterThanOrEqual(5 * 40);
      expect(arrivalInterval).toBeGreaterThan(0);
      expect(timeline.length).toBeGreaterThan(0);
    },
  );

  it.each(["virtual", "threads"] as const)(
    "plans anew under changing budgets, %s: within each of them, and no item is lost",
    async (engine) => {
      const change = {
        engine,
        threads: 2,
        arrival: engine === "threads" ? ("max" as const) : null,
        items: 120,
        changes: [
          { at: 30, memoryBudget: "min" as const },
          { at: 70, memoryBudget: "none" as const },
        ],
      };
      const record = await shortRun(setting(change), machinery);
      const { switches, items, learned, dropped, memory } = record;
      expect(switches.map(({ requestedAt }) => requestedAt)).toEqual([30, 70]);
      expect(switches[0]!.memory.after).toBeLessThanOrEqual(switches[0]!.to.memoryBudget!);
      expect(switches[0]!.memory.after).toBeLessThan(switches[0]!.memory.before);
      expect(switches[1]!.memory.after).toBe(switches[0]!.memory.before);
      expect([items, learned + dropped]).toEqual([120, 120]);
      if (engine === "threads") expect(dropped).toBe(0);
      // To the byte, of each plan; what stands for the run is of the one that held most.
      expect(memory.plans.map(({ planned }) => planned)).toEqual(
        memory.plans.map(({ measured }) => measured),
      );
      expect(memory.plans.map(({ budget }) => budget)).toEqual([
        null,
        switches[0]!.to.memoryBudget,
        null,
      ]);
      expect(memory.plannedByCategory).toEqual(memory.byCategory);
      expect(memory.peak).toBe(Math.max(...memory.plans.map(({ measured }) => measured)));
      expect(remarks(record, { compensation: "auto" }).join()).toContain("ran under 3 plans");
    },
  );

  it("tells the bytes of the plan that held most, wherever in the stream that ran", async () => {
    const changes = [{ at: 30, memoryBudget: "none" as const }];
    const record = await shortRun(setting({ memoryBudget: "min", items: 80, changes }), machinery);
    const { budget, planned, peak, plans, plannedByCategory, byCategory } = record.memory;
    expect([budget, planned]).toEqual([null, peak]);
    expect(plannedByCategory).toEqual(byCategory);
    expect(plans[0]!.measured).toBeLessThan(plans[1]!.measured);
    expect(plans[1]!.from).toBe(record.switches[0]!.completedAt);
  });

  it("says which changes others took the place of while the pipeline emptied", async () => {
    const changes = [
      { at: 30, memoryBudget: "min" as const },
      { at: 31, memoryBudget: "2bw" as const },
    ];
    const record = await shortRun(setting({ items: 80, changes }), machinery);
    expect(record.switches).toHaveLength(1);
    const [{ requestedAt, superseded }] = record.switches as [(typeof record.switches)[number]];
    expect([requestedAt, superseded.map((each) => each.requestedAt)]).toEqual([31, [30]]);
    expect(remarks(record, { compensation: "auto" }).join()).toContain(
      "the change at item 30 never took effect, because the one at item 31 replaced it",
    );
  });

  it("learns on with fewer compute units, as much as these can do", async () => {
    const few = { items: 200, changes: [{ at: 20, computeUnits: 1 }] };
    const { switches, items, learned, dropped } = await shortRun(setting(few), machinery);
    expect(switches.map(({ requestedAt }) => requestedAt)).toEqual([20]);
    expect([items, learned + dropped]).toEqual([200, 200]);
    const before = await shortRun(setting({ items: 20 }), machinery);
    // Eight times as fast as one unit learns; forward passes alone, a third of the work, are the
    // least that it does of an item.
    expect(learned - before.learned).toBeLessThanOrEqual((180 * 3) / 8);
    expect(learned - before.learned).toBeGreaterThan(180 / 16);
  });

  it("learns less with fewer compute units, as was planned", async () => {
    const shared = { items: 200, pressure: 4 };
    const run = (units: RunSetting["units"]) => shortRun(setting({ ...shared, units }), machinery);
    const [one, two, free] = [
      await run({ computeUnits: 1 }),
      await run({ computeUnits: 2 }),
      await run({}),
    ];
    expect(one.learned).toBeLessThan(two.learned);
    expect(two.learned).toBeLessThan(free.learned);
    for (const { items, dropped, plan } of [one, two, free])
      expect(Math.abs(dropped / items - plan!.prediction!.dropRate)).toBeLessThan(0.15);
    // Uneven ones do about as much as their speeds together.
    const uneven = await run({ unitSpeeds: [1.5, 0.5] });
    expect(Math.abs(uneven.learned - two.learned)).toBeLessThan(0.2 * two.items);
    expect([two, uneven, free].map((each) => [each.computeUnits, each.unitSpeeds])).toEqual([
      [2, null],
      [2, [1.5, 0.5]],
      [null, null],
    ]);
  });

  it("has the pressure that was asked, or the arrival interval", async () => {
    const pressed = await shortRun(setting({ pressure: 4, items: 4 }), machinery);
    expect(pressed.pressure).toBeCloseTo(4, 12);
    const timed = await shortRun(
      setting({ arrival: pressed.arrivalInterval / 2, items: 4 }),
      machinery,
    );
    expect(timed.arrivalInterval).toBe(pressed.arrivalInterval / 2);
    expect(timed.pressure).toBeCloseTo(8, 12);
  });

  it.each(learners)(
    "$method under $memoryBudget, stopped before its first item, has a record",
    async (change) => {
      const record = await shortRun(setting(change), machinery, { requested: true });
      expect([record.items, record.learned, record.oacc]).toEqual([0, 0, 0]);
      expect(parseRecords(JSON.stringify(record), "it")).toEqual([record]);
    },
  );

  it("refuses a budget below the least feasible and names that", async () => {
    const { memory } = await shortRun(setting({ memoryBudget: "min", items: 1 }), machinery);
    const message = await inputErrorOf(shortRun(setting({ memoryBudget: 1_000 }), machinery));
    expect(message).toContain(`Expected at least ${memory.planned} bytes`);
    expect(message).toContain("received 1000");
  });
});

const dataDir = process.env.FERRET_DATA_DIR || undefined;
const there = dataDir !== undefined && existsSync(join(dataDir, "mnist"));
const reason = dataDir === undefined ? "FERRET_DATA_DIR is not set" : "it has no mnist";
const title = "orders Oracle >= Ferret M+ > 1-Skip in online accuracy";

describe("real MNIST", () => {
  it.skipIf(!there)(
    there ? title : `${title} (skipped: ${reason})`,
    { timeout: 60_000 },
    async () => {
      const accuracies: number[] = [];
      for (const method of ["oracle", "ferret", "1-skip"] as const) {
        const change = { dataset: "mnist", dataDir, method, items: 400, batch: 16 } as const;
        accuracies.push((await shortRun(setting(change), machinery)).oacc);
      }
      const [oracle, ferret, oneSkip] = accuracies as [number, number, number];
      expect(oracle).toBeGreaterThanOrEqual(ferret);
      expect(ferret).toBeGreaterThan(oneSkip);
    },
  );
  if (!there) console.log(`Skipped: MNIST ${title}; ${reason}`);
});
