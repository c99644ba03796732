import fc from "fast-check";
import { expect, it } from "vitest";
import { ValueScores } from "../../src/scores/value-scores.js";

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

it("gives errors by their definitions, over all and over the last ones", () => {
  const outputs = 2;
  const value = fc.integer({ min: -9, max: 9 });
  const row = fc.tuple(value, value, value, value);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 20 }),
      (rows, window) => {
        const scores = new ValueScores(outputs, window);
        for (const [a, b, c, d] of rows) scores.add([a, b], [c, d]);
        for (const [figures, of] of [
          [scores.all, rows],
          [scores.recent, rows.slice(-window)],
        ] as const) {
          const errors = of.flatMap(([a, b, c, d]) => [a - c, b - d]);
          expect(figures.meanAbsoluteError).toBeCloseTo(mean(errors.map(Math.abs)), 9);
          expect(figures.rootMeanSquaredError).toBeCloseTo(
            Math.sqrt(mean(errors.map((error) => error * error))),
            9,
          );
          const r2 = [0, 1].map((output) => {
            const y = of.map((each) => each[output] as number);
            const centre = mean(y);
            const spread = y.reduce((sum, each) => sum + (each - centre) ** 2, 0);
            const left = of.reduce(
              (sum, each) =>
                sum + ((each[output] as number) - (each[outputs + output] as number)) ** 2,
              0,
            );
            return spread < 1e-9 ? undefined : 1 - left / spread;
          });
          if (r2.includes(undefined)) expect(figures.r2).toBeUndefined();
          else expect(figures.r2).toBeCloseTo(mean(r2 as number[]), 6);
        }
      },
    ),
  );
});

it("goes on from what it has saved", () => {
  const scores = new ValueScores(1, 2);
  scores.add([1, 4, 2], [0, 3, 3]);
  const again = new ValueScores(1, 2);
  again.restore(JSON.parse(JSON.stringify(scores.save())));
  for (const each of [scores, again]) each.add([7], [5]);
  expect(again.all).toEqual(scores.all);
  expect(again.recent).toEqual(scores.recent);
});
