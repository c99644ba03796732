import fc from "fast-check";
import { expect, it } from "vitest";
import { replansIn } from "../../src/live/client/replans.js";
import { LiveHistory } from "../../src/live/history.js";

const pointAt = (at: number) => ({
  at,
  items: at,
  dropped: 0,
  recent: 0,
  all: 0,
  p50: 0,
  p99: 0,
  replans: 0,
});

it("keeps the first point, evenly spaced ones, and never more than so many", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 1, max: 2000 }),
      (most, count) => {
        const history = new LiveHistory(most);
        for (let at = 0; at < count; at += 1) history.add(pointAt(at));
        const kept = history.points.map(({ at }) => at);
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(count, Math.floor(most / 2)));
        expect(kept[0]).toBe(0);
        const stride = (kept[1] ?? 1) - 0;
        expect(kept).toEqual(kept.map((_, index) => index * stride));
        expect(count - 1 - (kept.at(-1) as number)).toBeLessThan(stride);
      },
    ),
  );
});

it("tells when the plan was changed, though not of a server that was started again", () => {
  const points = [0, 0, 1, 1, 3, 0, 0, 1].map((replans, at) => ({ ...pointAt(at), replans }));
  expect(replansIn(points)).toEqual([2, 4, 7]);
  expect(replansIn([{ ...pointAt(9), replans: 4 }])).toEqual([]);
});
