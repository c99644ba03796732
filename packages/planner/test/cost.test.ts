import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adaptationRate, fullWorkerCount, stageTimes, stretch, workerTime } from "../src/cost.js";
import { plainWorkers } from "../src/worker.js";
import { anyPipeline, profileOf } from "./profiles.js";

type Pipeline = typeof anyPipeline extends (...args: never[]) => fc.Arbitrary<infer T> ? T : never;

/** Eq. 1 and 3 written out: the inner sum as a loop, the LCM by counting up. */
function literalRate(
  { profile, partition, workers }: Pipeline,
  arrivalInterval: number,
  c: number,
  V: number,
  paper: boolean,
): number {
  const P = partition.length;
  const stages = partition.map((first, i) => profile.layers.slice(first, partition[i + 1]));
  const total = (i: number, field: "forwardTime" | "backwardTime" | "parameterBytes") =>
    (stages[i] ?? []).reduce((sum, layer) => sum + layer[field], 0);
  let tf = 0;
  let tb = 0;
  let W = 0;
  for (let i = 0; i < P; i += 1) {
    tf = Math.max(tf, total(i, "forwardTime"));
    tb = Math.max(tb, total(i, "backwardTime"));
    W += total(i, "parameterBytes");
  }
  let R = 0;
  for (const { recompute, accumulate, omit } of workers) {
    const cr = recompute ? 1 : 0;
    const Tn = tf + tb + cr * tf;
    const interval = paper ? Tn : Math.max(Tn, workers.length * arrivalInterval);
    for (let i = 0; i < P; i += 1) {
      const factors = omit.slice(i).map((value) => value + 1);
      let lcm = 1;
      while (factors.some((factor) => lcm % factor !== 0)) lcm += 1;
      const ca = accumulate[i] ?? 1;
      let sum = 0;
      for (let j = 0; j < ca; j += 1) {
        const delay = (P + j) * tf + (P - i + j) * tb + cr * (P - i + j) * tf;
        sum += (V * Math.exp(-c * delay)) / (lcm * interval);
      }
      R += ((total(i, "parameterBytes") / W) * sum) / ca;
    }
  }
  return R;
}

describe("adaptationRate", () => {
  it.each(["effective", "paper"] as const)("equals Eq. 1 and 3 written out, %s", (interval) => {
    fc.assert(
      fc.property(
        anyPipeline(5, 3),
        fc.double({ min: 0.05, max: 50, noNaN: true }),
        fc.oneof(fc.constant(0), fc.double({ min: 1e-5, max: 0.3, noNaN: true })),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (pipeline, arrivalInterval, valueDecay, itemValue) => {
          const rate = adaptationRate({
            ...pipeline,
            arrivalInterval,
            valueDecay,
            itemValue,
            interval,
          });
          const literal = literalRate(
            pipeline,
            arrivalInterval,
            valueDecay,
            itemValue,
            interval === "paper",
          );
          expect(Math.abs(rate - literal)).toBeLessThanOrEqual(1e-9 * literal);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is the paper's where the stream is quicker than every worker", () => {
    const profile = profileOf([{}, {}]);
    const request = { profile, partition: [0, 1], workers: plainWorkers(2, 2), arrivalInterval: 1 };
    expect(adaptationRate(request)).toBe(adaptationRate({ ...request, interval: "paper" }));
    // T_n = 3 ms; four workers are each offered an item every 4 ms only.
    const idle = { ...request, workers: plainWorkers(2, 4) };
    expect(adaptationRate(idle) / adaptationRate({ ...idle, interval: "paper" })).toBeCloseTo(
      3 / 4,
      12,
    );
  });

  it("takes 0.01 / t_d and 1 as defaults of decay and value", () => {
    const profile = profileOf([{}]);
    const rate = adaptationRate({
      profile,
      partition: [0],
      workers: plainWorkers(1, 1),
      arrivalInterval: 6,
    });
    expect(rate).toBeCloseTo(Math.exp((-0.01 / 6) * 3) / 6, 15);
  });
});

describe("worker times", () => {
  const profile = profileOf([
    { forwardTime: 1, backwardTime: 5 },
    { forwardTime: 3, backwardTime: 2 },
  ]);

  it("take the slowest stage's forward and backward, each on its own", () => {
    const times = stageTimes(profile, [0, 1]);
    expect(times).toEqual({ stageForwardTime: 3, stageBackwardTime: 5 });
    expect(workerTime(times, false)).toBe(8);
    expect(workerTime(times, true)).toBe(11);
  });

  it("ask for ceil((t^f + t^b) / t^d) workers, at least one", () => {
    const times = stageTimes(profile, [0, 1]);
    expect([0.5, 1, 3, 8, 9, 1000].map((interval) => fullWorkerCount(times, interval))).toEqual([
      16, 8, 3, 1, 1, 1,
    ]);
    // 0.3 / 0.1 is 2.9999999999999996 and 0.7 / 0.1 is 6.999999999999999; neither way counts.
    expect(fullWorkerCount({ stageForwardTime: 0.1, stageBackwardTime: 0.2 }, 0.1)).toBe(3);
  });
});

describe("stretch", () => {
  const loads = fc.array(
    fc.record({
      time: fc.double({ min: 0.1, max: 10, noNaN: true }),
      work: fc.double({ min: 0.1, max: 30, noNaN: true }),
    }),
    { minLength: 1, maxLength: 5 },
  );

  it("is 1 where the units suffice, else the least factor at which they do", () => {
    fc.assert(
      fc.property(
        loads,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        (workers, interval, units) => {
          const asked = (factor: number) =>
            workers.reduce(
              (sum, { time, work }) =>
                sum + work / Math.max(factor * time, workers.length * interval),
              0,
            );
          const factor = stretch(workers, interval, units);
          expect(asked(factor)).toBeLessThanOrEqual(units * (1 + 1e-9));
          if (factor > 1) expect(asked(factor * (1 - 1e-6))).toBeGreaterThan(units);
          expect(stretch(workers, interval, undefined)).toBe(1);
        },
      ),
    );
  });

  it("gives one unit that two like stages share half the pace", () => {
    const profile = profileOf([{}, {}]);
    const request = { profile, partition: [0, 1], workers: plainWorkers(2, 1), valueDecay: 0 };
    // A stage takes 3 ms, both 6 ms of one unit.
    expect(adaptationRate({ ...request, arrivalInterval: 1, computeUnits: 1 })).toBeCloseTo(
      1 / 6,
      9,
    );
    expect(adaptationRate({ ...request, arrivalInterval: 1 })).toBeCloseTo(1 / 3, 12);
    expect(adaptationRate({ ...request, arrivalInterval: 9, computeUnits: 1 })).toBeCloseTo(
      1 / 9,
      9,
    );
  });
});
