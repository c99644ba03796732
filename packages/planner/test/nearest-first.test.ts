import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NearestFirst } from "../src/nearest-first.js";

describe("nearest first", () => {
  it("gives every place once, whatever turns out best on the way", () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.infiniteStream(fc.boolean()), (count, isBest) => {
        const order = new NearestFirst(count);
        const given: number[] = [];
        for (let place = order.next(); place !== null; place = order.next()) {
          given.push(place);
          if (isBest.next().value) order.best = place;
        }
        expect(given.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, at) => at),
        );
      }),
    );
  });

  it("looks around first, then closes in on the best", () => {
    const order = new NearestFirst(80);
    const coarse = Array.from({ length: 8 }, () => order.next());
    expect(coarse).toEqual([5, 15, 25, 35, 45, 55, 65, 75]);
    order.best = 45;
    expect([order.next(), order.next(), order.next()]).toEqual([44, 46, 43]);
  });
});
