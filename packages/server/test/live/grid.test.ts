import { createLearner, type RecentAction } from "@ferret-ocl/pipeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawnOf, roundDown, rowsOf, windowOf } from "../../src/live/client/grid-window.js";
import { gridOf, mostShown } from "../../src/live/grid.js";

const passes = (count: number, every: number, time: number): RecentAction[] =>
  Array.from({ length: count }, (_, item) => ({
    kind: "F" as const,
    item,
    worker: 0,
    stage: 0,
    start: every * item,
    end: every * item + time,
  }));

describe("the picture of the newest actions", () => {
  it("is of what the learner did, to the nanosecond", async () => {
    const learner = await createLearner({
      model: "mlp",
      inputShape: [3],
      classes: 2,
      arrivalInterval: "1ms",
      clock: { kind: "virtual" },
    });
    learner.recentActions();
    for (let item = 0; item < 5; item += 1) await learner.learn([item, 1, 2], item % 2);
    await learner.observe([1, 1, 1], 1);
    const recent = learner.recentActions();
    const { stageCount, workerCount } = learner.plan;
    await learner.dispose();
    const drawn = drawnOf(gridOf(recent));
    expect(drawn.length).toBe(recent.actions.length);
    expect(drawn.filter(({ kind }) => kind === "P").length).toBe(1);
    for (const [index, { start, end, ...same }] of recent.actions.entries()) {
      expect(drawn[index]).toMatchObject(same);
      expect(drawn[index]?.start).toBeCloseTo(1000 * (start - recent.now), 2);
      expect(drawn[index]?.end).toBeCloseTo(1000 * (end - recent.now), 2);
    }
    const rows = rowsOf(drawn, workerCount, stageCount);
    expect(rows[0]).toEqual({ worker: -1, stage: -1 });
    expect(rows.length).toBe(1 + stageCount * workerCount);
  });

  it("sends no more than can be seen, and says so", () => {
    const most = gridOf({ now: 600, actions: passes(mostShown + 1, 1, 1) });
    expect(most.isWhole).toBe(false);
    expect(drawnOf(most).map(({ item }) => item)).toEqual(
      Array.from({ length: mostShown }, (_, index) => index + 1),
    );
    expect(JSON.stringify(most).length).toBeLessThan(16_384);
    expect(gridOf({ now: 600, actions: passes(mostShown, 1, 1) }).isWhole).toBe(true);
  });

  it("has rows of a plan before anything is done, and of what an older plan did", () => {
    expect(rowsOf([], 2, 2)).toEqual([
      { worker: 0, stage: 0 },
      { worker: 0, stage: 1 },
      { worker: 1, stage: 0 },
      { worker: 1, stage: 1 },
    ]);
    const [old] = drawnOf(gridOf({ now: 0, actions: passes(1, 1, 1) }));
    expect(rowsOf([{ ...old!, stage: 3 }], 1, 1)).toEqual([
      { worker: 0, stage: 0 },
      { worker: 0, stage: 3 },
    ]);
  });

  it("shows a round time in which actions are wide enough, and everything is known", () => {
    const of = (count: number, every: number, width: number) => {
      const grid = gridOf({ now: count * every, actions: passes(count, every, every) });
      const shown = windowOf(drawnOf(grid), grid.isWhole, width);
      return shown && shown.end - shown.begin;
    };
    expect(of(0, 1, 600)).toBe(null);
    // 90 ms were recorded: 100 ms are shown, of 100 actions 6 pixels each.
    expect(of(90, 1, 600)).toBeCloseTo(100_000);
    expect(of(90, 1, 300)).toBeCloseTo(50_000);
    // Of 500 the newest 400 are known: not more than 399 ms, and 200 of them fit.
    expect(of(500, 1, 1300)).toBeCloseTo(200_000);
    // No more than 5 s.
    expect(of(90, 1000, 1300)).toBeCloseTo(5e6);
  });

  it("rounds to 1, 2 or 5 times a power of ten", () => {
    expect(
      [1, 1.9, 2, 4.99, 5, 9.9, 10, 0.03, 700].map(roundDown).map((n) => +n.toFixed(6)),
    ).toEqual([1, 1, 2, 2, 5, 5, 10, 0.02, 500]);
  });

  it("finds a window for any actions", () => {
    const action = fc.record({
      kind: fc.constantFrom("P" as const, "F" as const, "U" as const),
      worker: fc.integer({ min: -1, max: 2 }),
      stage: fc.integer({ min: -1, max: 2 }),
      item: fc.nat(),
      start: fc.double({ min: -1e7, max: 0, noNaN: true }),
      duration: fc.double({ min: 0, max: 1e7, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(action, { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 2000 }),
        (actions, isWhole, width) => {
          const drawn = actions.map(({ duration, ...all }) => ({
            ...all,
            end: all.start + duration,
          }));
          const shown = windowOf(drawn, isWhole, width)!;
          expect(shown.end).toBe(Math.max(...drawn.map(({ end }) => end)));
          expect(shown.end - shown.begin).toBeGreaterThan(0);
          expect(shown.end - shown.begin).toBeLessThanOrEqual(5e6 * 1.001);
        },
      ),
    );
  });
});
