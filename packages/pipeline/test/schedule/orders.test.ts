import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chromeTrace, countStages, idleTime, layOut } from "../../src/engine.js";
import {
  createOrder,
  type FixedOrder,
  orderNames,
  renderDevices,
  validate,
} from "../../src/index.js";

const sizes = fc.record({
  devices: fc.integer({ min: 1, max: 6 }),
  microbatches: fc.integer({ min: 1, max: 14 }),
});
const times = fc.record({
  forward: fc.integer({ min: 1, max: 5 }),
  backward: fc.integer({ min: 1, max: 5 }),
  weight: fc.integer({ min: 1, max: 5 }),
});

const draw = (order: FixedOrder) =>
  renderDevices(layOut(order, { forward: 1, backward: 1, weight: 1 }), 1, order.deviceOf);

describe.each(orderNames)("%s", (name) => {
  it("does every pass of every micro-batch once, in an order that no device waits for ever in", () => {
    fc.assert(
      fc.property(sizes, times, ({ devices, microbatches }, durations) => {
        const order = createOrder(name, devices, microbatches);
        const actions = layOut(order, durations);
        for (const kind of order.splitsBackward ? ["F", "B", "W"] : ["F", "B"])
          for (let stage = 0; stage < order.stageCount; stage++) {
            const items = actions.filter((a) => a.kind === kind && a.stage === stage);
            expect(items.map(({ item }) => item).sort((a, b) => a - b)).toEqual(
              Array.from({ length: microbatches }, (_, item) => item),
            );
          }
        // A device does one thing at a time.
        for (let device = 0; device < devices; device++) {
          const own = actions
            .filter((a) => a.kind !== "U" && order.deviceOf(a.stage) === device)
            .sort((a, b) => a.start - b.start);
          own.slice(1).forEach((action, index) => {
            expect(action.start).toBeGreaterThanOrEqual(own[index]!.end);
          });
        }
        if (!name.startsWith("hanayo")) expect(validate(actions, order.stageCount)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("draws as it did when a person looked", async () => {
    const grids = [
      [2, 4],
      [3, 3],
      [4, 8],
    ].map(([devices, count]) => {
      const order = createOrder(name, devices!, count!);
      return `P = ${devices}, M = ${count}\n${draw(order)}`;
    });
    await expect(`${grids.join("\n\n")}\n`).toMatchFileSnapshot(`orders/${name}.golden.txt`);
  });
});

describe("idle time of a flush", () => {
  it("is (P - 1)(T_F + T_B + T_W) for one forward, one backward", () => {
    fc.assert(
      fc.property(sizes, times, ({ devices, microbatches }, durations) => {
        const { forward, backward, weight } = durations;
        for (const name of ["dapple", "pipedream", "pipedream-2bw"]) {
          const order = createOrder(name, devices, microbatches);
          const idle = idleTime(order, layOut(order, durations));
          expect(idle).toBe((devices - 1) * (forward + backward + weight));
        }
      }),
    );
  });

  it("is (P - 1)(T_F + T_B - T_W) for zero-bubble H1; a W that is longer than F or B fills no more than they leave", () => {
    fc.assert(
      fc.property(sizes, times, ({ devices, microbatches }, durations) => {
        const order = createOrder("zero-bubble", devices, Math.max(devices, microbatches));
        const { forward, backward, weight } = durations;
        const filled = Math.min(weight, forward, backward);
        const idle = idleTime(order, layOut(order, durations));
        expect(idle).toBe((devices - 1) * (forward + backward - filled));
      }),
    );
  });

  describe("of Hanayo with W waves, a backward pass twice a forward one", () => {
    const devices = [2, 3, 4, 5, 6, 8];
    /** In units of what a device does for one micro-batch forward, T_F; T_B is 2 of them. */
    function idle(name: string, devices: number, microbatches: number): number {
      const order = createOrder(name, devices, microbatches);
      const part = devices / order.stageCount;
      return idleTime(order, layOut(order, { forward: part, backward: part, weight: part }));
    }

    it("is never less than the last device must wait: (P - 1)(T_F + T_B) / 2W", () => {
      for (const P of devices)
        for (const M of [1, P - 1, P, P + 1, 2 * P, 3 * P + 1])
          for (const W of [1, 2, 3])
            expect(idle(`hanayo-${W}`, P, M)).toBeGreaterThan((3 * (P - 1)) / (2 * W) - 1e-9);
    });

    it("is no more than that with one wave and twice as many micro-batches as devices", () => {
      for (const P of devices)
        for (const M of [2 * P, 3 * P, 4 * P])
          expect(idle("hanayo-1", P, M)).toBeCloseTo((3 * (P - 1)) / 2, 9);
    });

    it("is (P - 1) T_B / W with as many micro-batches as devices, and a backward pass of a stage more at the most with several waves", () => {
      for (const P of devices) {
        expect(idle("hanayo-1", P, P)).toBeCloseTo(2 * (P - 1), 9);
        for (const W of [2, 3]) {
          const beyond = idle(`hanayo-${W}`, P, P) - (2 * (P - 1)) / W;
          expect(beyond).toBeGreaterThan(-1e-9);
          expect(beyond).toBeLessThan(2 / (2 * W) + 1e-9);
        }
      }
    });

    it("is less than that of one forward, one backward, however many micro-batches there are", () => {
      for (const P of devices)
        for (let M = P; M <= 3 * P; M++)
          for (const W of [1, 2, 3])
            expect(idle(`hanayo-${W}`, P, M)).toBeLessThan(idle("dapple", P, M));
    });
  });
});

describe("what a stage holds, and how stale its gradients are", () => {
  const largest = (histogram: readonly number[]) => histogram.length - 1;

  it("follows the table of the compared schedules", () => {
    for (const devices of [1, 2, 3, 5])
      for (const microbatches of [devices, 3 * devices]) {
        const count = (name: string) => countStages(createOrder(name, devices, microbatches));
        count("dapple").forEach(({ weightVersions, activations, staleness }, stage) => {
          expect([weightVersions, activations]).toEqual([
            1,
            Math.min(devices - stage, microbatches),
          ]);
          expect(staleness).toEqual([microbatches]);
        });
        count("zero-bubble").forEach((counts, stage) => {
          expect(counts.weightVersions).toBe(1);
          expect(counts.activations).toBe(devices - stage);
          expect(counts.weightActivations).toBe(Math.min(stage + 1, microbatches));
          expect(counts.staleness).toEqual([microbatches]);
        });
        for (const waves of [1, 2, 3])
          for (const { weightVersions, staleness } of count(`hanayo-${waves}`)) {
            expect(weightVersions).toBe(1);
            expect(staleness).toEqual([microbatches]);
          }
        if (microbatches === devices) continue;
        count("pipedream").forEach(({ weightVersions, activations, staleness }, stage) => {
          expect([weightVersions, activations]).toEqual([devices - stage, devices - stage]);
          // While the pipeline fills, less has happened in between.
          expect(largest(staleness)).toBe(devices - 1 - stage);
          expect(staleness.at(-1)).toBe(microbatches - (devices - 1 - stage));
        });
      }
  });

  it("is two versions and a staleness of one for PipeDream-2BW, once the first update is through", () => {
    for (const devices of [2, 3, 5])
      for (const { weightVersions, activations, staleness } of countStages(
        createOrder("pipedream-2bw", devices, 4 * devices),
      )) {
        expect(weightVersions).toBe(2);
        expect(activations).toBeLessThanOrEqual(devices);
        expect(staleness).toEqual([devices, 3 * devices]);
      }
  });
});

describe("the trace for Perfetto", () => {
  it("has an event for every action, in microseconds, and a name for every row", () => {
    const actions = layOut(createOrder("pipedream", 2, 3), { forward: 1, backward: 1, weight: 1 });
    const { traceEvents } = JSON.parse(chromeTrace(actions));
    const events = traceEvents.filter(({ ph }: { ph: string }) => ph !== "M");
    expect(events.length).toBe(actions.length);
    expect(events.filter(({ ph }: { ph: string }) => ph === "i").length).toBe(6);
    const last = events.find(
      ({ name, tid }: { name: string; tid: number }) => name === "B2" && tid === 0,
    );
    const own = actions.find(({ kind, item, stage }) => kind === "B" && item === 2 && stage === 0)!;
    expect([last.ts, last.dur]).toEqual([1000 * own.start, 2000]);
    const rows = traceEvents.filter(({ name }: { name: string }) => name === "thread_name");
    expect(rows.map(({ args }: { args: { name: string } }) => args.name).sort()).toEqual([
      "stage 0",
      "stage 1",
    ]);
  });
});

it("refuses what is no schedule", () => {
  expect(() => createOrder("gpipe", 2, 2)).toThrow(/Expected one of dapple, zero-bubble/);
  expect(() => createOrder("dapple", 0, 2)).toThrow(/deviceCount/);
  expect(() => createOrder("dapple", 2, 1.5)).toThrow(/microbatchCount/);
});
