// What the suite's charts are laid out by.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logTicks, rangeAround } from "../../src/suite/report/charts/axis.js";
import { frontOf, joined } from "../../src/suite/report/charts/front.js";
import { around, overlaps, placeLabels } from "../../src/suite/report/charts/place-labels.js";

describe("a range of an axis", () => {
  it("begins and ends with a tick around all values", () => {
    expect(rangeAround([48.3, 62.4])).toEqual({ min: 45, max: 65, interval: 5 });
    expect(rangeAround([0, 100], { least: 0, most: 100 })).toEqual({
      min: 0,
      max: 100,
      interval: 20,
    });
    expect(rangeAround([7, 7])).toMatchObject({ interval: 0.5 });
    const value = fc.integer({ min: 0, max: 1e8 }).map((hundredths) => hundredths / 100);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const { min, max, interval } = rangeAround(values, { least: 0 });
        const steps = (max - min) / interval;
        expect(min).toBeLessThanOrEqual(Math.min(...values));
        expect(max).toBeGreaterThanOrEqual(Math.max(...values));
        expect(steps).toBeCloseTo(Math.round(steps), 6);
        expect(steps).toBeGreaterThanOrEqual(1);
        expect(steps).toBeLessThanOrEqual(7);
      }),
    );
  });

  it("has few round ticks on a logarithmic axis", () => {
    expect(logTicks(8, 230)).toEqual([10, 20, 50, 100, 200]);
    expect(logTicks(0.6, 4.2)).toEqual([0.7, 1, 1.5, 2, 3]);
    expect(logTicks(1.1, 1.9)).toEqual([1.2, 1.4, 1.6, 1.8]);
    const extent = fc.tuple(
      fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      fc.double({ min: 1.4, max: 1e3, noNaN: true }),
    );
    fc.assert(
      fc.property(extent, ([min, factor]) => {
        const ticks = logTicks(min, min * factor);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(min);
          expect(tick).toBeLessThanOrEqual(min * factor);
        }
        expect([...ticks].sort((left, right) => left - right)).toEqual(ticks);
      }),
    );
  });
});

describe("the front", () => {
  it("is of those that none with as little memory beats", () => {
    const point = fc.record({
      memory: fc.integer({ min: 1, max: 8 }),
      oacc: fc.integer({ min: 0, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(point), (points) => {
        const front = frontOf(points);
        const beaten = ({ memory, oacc }: (typeof points)[number]) =>
          points.some(
            (other) =>
              (other.memory <= memory && other.oacc > oacc) ||
              (other.memory < memory && other.oacc >= oacc),
          );
        const key = ({ memory, oacc }: (typeof points)[number]) => `${memory} ${oacc}`;
        const expected = new Set(points.filter((each) => !beaten(each)).map(key));
        expect(front).toHaveLength(expected.size);
        expect(new Set(front.map(key))).toEqual(expected);
      }),
    );
  });
});

describe("labels", () => {
  const area = { left: 0, top: 0, right: 680, bottom: 400 };

  it("of thirteen learners cover neither marks nor one another, and lie inside", () => {
    const place = fc.record({
      x: fc.integer({ min: 200, max: 480 }),
      y: fc.integer({ min: 100, max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(place, { minLength: 13, maxLength: 13 }), (points) => {
        const anchors = points.map((each, index) => ({ ...each, text: `learner ${index}` }));
        const labels = placeLabels(anchors, [], area, 12);
        const marks = points.map(({ x, y }) => around(x, y, 6));
        labels.forEach(({ box, text }, index) => {
          expect(text).toBe(`learner ${index}`);
          expect([...marks, ...labels.slice(0, index).map((each) => each.box)]).not.toSatisfy(
            (others: (typeof box)[]) => others.some((other) => overlaps(box, other)),
          );
          expect([box.left, box.top].every((side) => side >= 0)).toBe(true);
          expect(box.right <= area.right && box.bottom <= area.bottom).toBe(true);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("stand to the right where nothing is in their way", () => {
    const [label] = placeLabels([{ x: 100, y: 100, text: "one" }], [], area, 12);
    expect(label).toMatchObject({ isFar: false, box: { left: 109 } });
  });

  it("are joined where points lie on one another", () => {
    expect(joined(["Hanayo 1W", "Hanayo 2W", "Hanayo 3W"])).toBe("Hanayo 1W, 2W, 3W");
    expect(joined(["DAPPLE", "Ferret M-", "Ferret M"])).toBe("DAPPLE, Ferret M-, M");
    expect(joined(["Camel", "Camel"])).toBe("Camel, Camel");
  });
});
