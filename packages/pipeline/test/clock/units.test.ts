import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TimedAction } from "../../src/index.js";
import { layerCount } from "../perceptron.js";
import { run, setups } from "./virtual-run.js";

describe("compute units of the virtual engine", () => {
  it("never has more actions at work than there are units, each as long as its unit takes", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { unitSpeeds = [] } = setup;
        fc.pre(unitSpeeds.length > 0);
        const { actions: all, metrics } = run(setup);
        const actions = all.filter(({ kind }) => kind !== "U");
        const forwards = setup.partition.length * metrics.admitted;
        expect(actions.filter(({ kind }) => kind === "F").length).toBe(forwards);
        const speedOf = ({ kind, stage, worker, start, end }: TimedAction) => {
          const [first, last] = [setup.partition[stage]!, setup.partition[stage + 1] ?? layerCount];
          const forward = setup.times.slice(first, last).reduce((sum, time) => sum + time, 0);
          const again = setup.workers[worker]!.recompute ? forward : 0;
          const work = kind === "F" ? forward : 2 * forward + again;
          // Times are whole nanoseconds.
          const speed = unitSpeeds.find((each) => Math.abs(each - work / (end - start)) < 1e-6);
          expect(speed).toBeDefined();
          return speed;
        };
        for (const { start } of actions) {
          const busy = actions.filter((other) => other.start <= start && start < other.end);
          for (const speed of busy.map(speedOf))
            expect(busy.filter((other) => speedOf(other) === speed).length).toBeLessThanOrEqual(
              unitSpeeds.filter((each) => each === speed).length,
            );
        }
      }),
    );
  });

  it("does as without a limit where every device has a unit", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const devices = setup.partition.length * setup.workers.length;
        const limited = run({ ...setup, unitSpeeds: new Array<number>(devices).fill(1) });
        const free = run({ ...setup, unitSpeeds: undefined });
        const sorted = (actions: readonly TimedAction[]) =>
          actions.map((action) => JSON.stringify(action)).sort();
        expect(sorted(limited.actions)).toEqual(sorted(free.actions));
        expect(limited.metrics.dropped).toBe(free.metrics.dropped);
      }),
    );
  });

  it("lets a single unit never rest while items wait", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { actions } = run({ ...setup, arrivalInterval: 0.5, unitSpeeds: [1] });
        const work = actions.filter(({ kind }) => kind !== "U");
        // Once the stream has ended no new item comes to fill a gap, but 1F1B leaves none either.
        for (let at = 1; at < work.length; at++)
          expect(work[at]!.start).toBeCloseTo(work[at - 1]!.end, 6);
      }),
    );
  });
});
