import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countStages } from "../../src/engine.js";
import {
  createOrder,
  orderNames,
  planSchedule,
  profileModel,
  type TimedAction,
} from "../../src/index.js";
import { EndlessOrder } from "../../src/schedule/endless.js";
import { model, runtime } from "../perceptron.js";
import { expectDelayedSgd, expectEveryPassOnce, expectPipeDreamTrace } from "./schedule-rules.js";
import { prepare, run, type Setup, saturated, setups } from "./schedule-run.js";

const base: Setup = {
  schedule: "dapple",
  deviceCount: 2,
  microbatchCount: 2,
  moreLayers: 0,
  width: 3,
  times: [2, 1, 3],
  arrivalInterval: 0.5,
  itemCount: 400,
};

describe("the engine of fixed schedules", () => {
  it("trains as plain gradient descent on gathered gradients where the schedule flushes, and as descent with a delay of one update where it buffers twice, however items come", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        if (setup.schedule !== "pipedream") expectDelayedSgd(setup, run(setup));
      }),
      { numRuns: 100 },
    );
  });

  it("trains as descent with a delay of P - 1 - i updates at stage i by PipeDream", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const pipeDream = saturated({ ...setup, schedule: "pipedream" });
        expectDelayedSgd(pipeDream, run(pipeDream));
      }),
      { numRuns: 20 },
    );
  });

  it("trains by PipeDream as a naive trainer does that follows its trace, however items come", () => {
    fc.assert(
      fc.property(setups, (any) => {
        const setup = { ...any, schedule: "pipedream" };
        expectPipeDreamTrace(setup, run(setup));
      }),
      { numRuns: 50 },
    );
  });

  it("begins its order anew after the stream has paused, with nothing lost", () => {
    fc.assert(
      fc.property(setups, fc.integer({ min: 0, max: 30 }), (setup, pauseAfter) => {
        const paused = { ...setup, pauseAfter };
        const full = setup.schedule === "pipedream" ? saturated(paused) : paused;
        expectDelayedSgd(full, run(full));
      }),
      { numRuns: 50 },
    );
  });

  it("holds what the planner predicted, to the byte, and predicts what it does not take", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { plan, metrics, learned } = run(setup);
        expect(metrics.memory).toEqual(plan.memory);
        expect(metrics.items).toBe(setup.itemCount);
        expect(metrics.admitted + metrics.dropped).toBe(setup.itemCount);
        expect(learned.length).toBe(metrics.admitted);
        if (setup.arrivalInterval === 100 && setup.deviceCount === 1)
          expect(metrics.dropped).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it("does every pass of every micro-batch it took once, one at a time on a device", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        expectEveryPassOnce(run(setup));
      }),
      { numRuns: 100 },
    );
  });

  it("tells how long an item took until every stage had been updated with it", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { order, actions, learned, metrics } = run(setup);
        const lastArrival = (setup.itemCount - 1) * setup.arrivalInterval;
        const end = Math.max(lastArrival, ...actions.map((action) => action.end));
        const updates = Array.from({ length: order.stageCount }, (_, stage) =>
          actions.filter((action) => action.kind === "U" && action.stage === stage),
        );
        const latencies = learned.map((item, ordinal) => {
          const update = Math.floor(ordinal / order.period);
          const done = Math.max(...updates.map((own) => own[update]?.end ?? end));
          return done - item * setup.arrivalInterval;
        });
        expect(metrics.latency.max).toBeCloseTo(Math.max(...latencies), 5);
      }),
      { numRuns: 100 },
    );
  });

  it("repeats to the last bit", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const [first, second] = [run(setup), run(setup)];
        expect(second.parameters).toEqual(first.parameters);
        expect(second.actions).toEqual(first.actions);
      }),
      { numRuns: 20 },
    );
  });
});

describe("the time of a flush, as many micro-batches as devices on two devices", () => {
  // On 24 layers of 1 ms forward and 2 ms backward, so that all stages are equal.
  const [layerCount, devices] = [24, 2];
  const forward = layerCount / devices;
  it.each([
    ["dapple", (devices - 1) * 3 * forward],
    ["hanayo-1", (devices - 1) * 2 * forward],
    ["hanayo-2", ((devices - 1) * 2 * forward) / 2],
    ["hanayo-3", ((devices - 1) * 2 * forward) / 3],
  ])("by %s is that of the work and %d ms", (schedule, idle) => {
    const asked = createOrder(schedule, devices, devices).stageCount;
    const { actions, plan } = run({
      ...base,
      schedule,
      deviceCount: devices,
      microbatchCount: devices,
      moreLayers: layerCount - asked,
      times: [1],
      itemCount: 1000,
    });
    expect(plan.partition.length).toBe(asked);
    const updates = actions.filter(({ kind, stage }) => kind === "U" && stage === 0);
    const flushes = updates.slice(1).map(({ end }, index) => end - updates[index]!.end);
    expect(flushes.length).toBeGreaterThan(1);
    for (const flush of flushes) expect(flush).toBeCloseTo(devices * 3 * forward + idle, 6);
  });
});

/** The most micro-batches from the start of one kind of pass to the end of the other. */
function mostBetween(from: string, to: string, stage: number, actions: readonly TimedAction[]) {
  const own = actions.filter((action) => action.stage === stage);
  const begun = own.filter(({ kind }) => kind === from);
  const through = own.filter(({ kind }) => kind === to);
  return Math.max(
    ...begun.map(
      ({ start }) =>
        begun.filter((other) => other.start <= start).length -
        through.filter(({ end }) => end <= start).length,
    ),
  );
}

describe("what the version store, the gradients and the pools counted", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [3, 7],
    [4, 4],
  ])("is as the papers say, for %i devices and %i micro-batches", (deviceCount, count) => {
    const setup = (schedule: string) => ({
      ...base,
      schedule,
      deviceCount,
      microbatchCount: count,
    });
    for (const schedule of orderNames) {
      const { metrics, activations, actions, learned, order } = run(setup(schedule));
      const ahead = activations.map((_, stage) => deviceCount - stage);
      const versions = metrics.versions.map(({ mostHeld }) => mostHeld);
      metrics.versions.forEach(({ mostHeld, slots }) => {
        expect(mostHeld).toBe(slots);
      });
      if (schedule === "pipedream") {
        expect([versions, activations]).toEqual([ahead, ahead]);
        // The first items meet weights that nothing has changed yet.
        expect(metrics.staleness).toEqual(
          ahead.map((most) => [
            ...new Array<number>(most - 1).fill(1),
            learned.length - (most - 1),
          ]),
        );
        continue;
      }
      if (schedule === "pipedream-2bw") {
        expect(versions).toEqual(ahead.map(() => 2));
        expect(activations).toEqual(ahead);
        expect(metrics.staleness).toEqual(
          ahead.map(() => [deviceCount, learned.length - deviceCount]),
        );
        continue;
      }
      expect(versions).toEqual(activations.map(() => 1));
      expect(metrics.staleness).toEqual(activations.map(() => [learned.length]));
      if (schedule === "dapple") expect(activations).toEqual(ahead);
      // P - i between F and B, and i between B and W.
      if (schedule === "zero-bubble") {
        expect(activations).toEqual(ahead.map(() => deviceCount));
        const whole = activations.map((_, stage) => mostBetween("F", "B", stage, actions));
        expect(whole).toEqual(ahead);
      }
      if (schedule.startsWith("hanayo"))
        expect(activations).toEqual(countStages(order).map(({ held }) => held));
    }
  });
});

describe("a stream without an end", () => {
  it("goes on where the order of more micro-batches goes on", () => {
    for (const name of orderNames)
      for (const deviceCount of [1, 2, 3, 4]) {
        const endless = new EndlessOrder(name, deviceCount, 3);
        const { flushes, period } = endless.order;
        const long = flushes
          ? createOrder(name, deviceCount, 3)
          : createOrder(name, deviceCount, 60);
        for (let device = 0; device < deviceCount; device++) {
          const actions = long.actions[device]!;
          const rounds = flushes ? 4 : 1;
          const lastForward = actions.findLastIndex(({ kind }) => kind === "F");
          const all = Array.from({ length: rounds }, (_, round) =>
            actions.map((action) => ({ ...action, item: action.item + round * period })),
          ).flat();
          all.slice(0, flushes ? all.length : lastForward + 1).forEach((action, index) => {
            const { kind, stage } = endless.actionAt(device, index);
            expect([kind, stage, endless.itemAt(device, index)]).toEqual([
              action.kind,
              action.stage,
              action.item,
            ]);
          });
        }
      }
  });
});

it("cuts a model of few layers into whole waves of Hanayo's, or the beginning of the first one", () => {
  const layerCounts = [2, 3, 4, 5, 7, 8, 11, 12, 20];
  const stages = layerCounts.map((layerCount) => {
    const { profile } = prepare({ ...base, schedule: "hanayo-3", moreLayers: layerCount - 12 });
    expect(profile.layers.length).toBe(layerCount);
    const plan = planSchedule(profile, "hanayo-3", 2);
    expect(plan.wantedStages).toBe(12);
    return plan.partition.length;
  });
  // On two devices a wave has four stages.
  expect(stages).toEqual([2, 3, 4, 4, 4, 8, 8, 12, 12]);
});

it("refuses a model that cannot be cut into as many stages as the schedule needs", () => {
  const profile = profileModel({ model, runtime, batch: 2, timing: "model" });
  expect(() => planSchedule(profile, "dapple", 5)).toThrow(
    "Expected a whole number from 1 to 4, the most stages that",
  );
});
