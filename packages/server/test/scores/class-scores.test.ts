import fc from "fast-check";
import { expect, it } from "vitest";
import { ClassScores } from "../../src/scores/class-scores.js";

/** By the definition: observed agreement, and that of the two margins. */
function bruteForce(pairs: readonly (readonly [number, number])[], classes: number) {
  const n = pairs.length;
  const share = (which: 0 | 1, label: number) =>
    pairs.filter((pair) => pair[which] === label).length / n;
  const accuracy = pairs.filter(([label, said]) => label === said).length / n;
  let chance = 0;
  for (let label = 0; label < classes; label++) chance += share(0, label) * share(1, label);
  return { accuracy, kappa: (accuracy - chance) / (1 - chance), chance };
}

it("gives accuracy and kappa by their definitions, over all and over the last ones", () => {
  const classes = 3;
  const label = fc.integer({ min: 0, max: classes - 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (pairs, window) => {
        const scores = new ClassScores(classes, window);
        for (const [truth, said] of pairs) scores.add([truth], [said]);
        for (const [figures, of] of [
          [scores.all, pairs],
          [scores.recent, pairs.slice(-window)],
        ] as const) {
          const { accuracy, kappa, chance } = bruteForce(of, classes);
          expect(figures.samples).toBe(of.length);
          expect(figures.accuracy).toBeCloseTo(accuracy, 12);
          if (chance > 1 - 1e-12) expect(figures.kappa).toBeUndefined();
          else expect(figures.kappa).toBeCloseTo(kappa, 9);
        }
      },
    ),
  );
});

it("gives the kappa of Cohen's own table", () => {
  // 200 judgements of three categories: "A coefficient of agreement for nominal scales", 1960, table 1.
  const table = [
    [88, 14, 18],
    [10, 40, 10],
    [2, 6, 12],
  ];
  const scores = new ClassScores(3, 1000);
  for (const [label, row] of table.entries())
    for (const [said, count] of row.entries())
      for (let times = 0; times < count; times++) scores.add([label], [said]);
  expect(scores.all.accuracy).toBeCloseTo(0.7, 12);
  expect(scores.all.kappa).toBeCloseTo((0.7 - 0.41) / (1 - 0.41), 12);
});

it("goes on from what it has saved", () => {
  const scores = new ClassScores(3, 4);
  scores.add([0, 1, 2, 0, 1, 2], [0, 2, 2, 1, 1, 0]);
  const again = new ClassScores(3, 4);
  again.restore(JSON.parse(JSON.stringify(scores.save())));
  for (const each of [scores, again]) each.add([2, 1], [2, 2]);
  expect(again.all).toEqual(scores.all);
  expect(again.recent).toEqual(scores.recent);
});
