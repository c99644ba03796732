import { expect, it } from "vitest";
import { learner, sampleAt, serving } from "./serving.js";

const threads = {
  ...learner,
  batch: 8,
  clock: { kind: "threads", count: 1 },
  timing: "model",
} as const;
const count = 64;

it("predicts requests together that come together, to the bit as by themselves", async () => {
  const answers = await Promise.all(
    [0, 50].map(async (batchWait) => {
      const { ask } = await serving({ learner: threads, batchWait });
      const all = await Promise.all(
        Array.from({ length: count }, (_, k) => ask("/predict", { x: sampleAt(k) })),
      );
      const { text } = await ask("/metrics");
      const calls = Number(/\nferret_prediction_batch_samples_count (\d+)\n/.exec(text)?.[1]);
      return { calls, probabilities: all.map(({ json }) => json.probabilities) };
    }),
  );
  const [alone, together] = answers;
  expect(alone?.calls).toBe(count);
  expect(together?.calls).toBeLessThan(count);
  expect(together?.probabilities).toEqual(alone?.probabilities);
});
