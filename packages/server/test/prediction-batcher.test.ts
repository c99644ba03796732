import { createLearner } from "@ferret-ocl/pipeline";
import { afterAll, expect, it } from "vitest";
import { PredictionBatcher, type ServedLearner } from "../src/index.js";

const batch = 8;
const inputLength = 12;
const learner = await createLearner({
  model: "mlp",
  inputShape: [inputLength],
  classes: 5,
  batch,
  clock: { kind: "threads", count: 2 },
});
afterAll(() => learner.dispose());

const samples = Array.from({ length: 40 }, (_, sample) =>
  Float32Array.from({ length: inputLength }, (_, at) => Math.sin(7 * sample + at)),
);

/** What the learner was asked for, call by call, in samples. */
function counted() {
  const calls: number[] = [];
  const asked = new Proxy(learner, {
    get(of, name) {
      if (name !== "predict") return Reflect.get(of, name);
      return (x: Float32Array) => {
        calls.push(x.length / inputLength);
        return of.predict(x);
      };
    },
  });
  return { calls, asked: asked as ServedLearner };
}

const shape = { inputLength, width: 5 };

it("predicts together what comes together, to the bit what each gets by itself", async () => {
  const alone = await Promise.all(samples.map((x) => learner.predict(x)));
  const { calls, asked } = counted();
  const batcher = new PredictionBatcher(asked, shape, batch, 1000);
  const together = await Promise.all(samples.map((x) => batcher.predict(x)));
  for (const [index, { labels, outputs }] of together.entries()) {
    expect(labels).toEqual(alone[index]?.labels);
    expect(outputs).toEqual(alone[index]?.probabilities);
  }
  expect(calls).toEqual([8, 8, 8, 8, 8]);
});

it("gives calls of several samples what is theirs", async () => {
  const { calls, asked } = counted();
  const batcher = new PredictionBatcher(asked, shape, batch, 1000);
  const parts = [1, 3, 2, 5, 4].map((count, index) => {
    const x = new Float32Array(count * inputLength);
    for (let sample = 0; sample < count; sample++)
      x.set(samples[5 * index + sample] as Float32Array, sample * inputLength);
    return x;
  });
  const together = await Promise.all(parts.map((x) => batcher.predict(x)));
  for (const [index, x] of parts.entries()) {
    const { probabilities, labels } = await learner.predict(x);
    expect(together[index]).toEqual({ labels, outputs: probabilities });
  }
  expect(calls.reduce((sum, count) => sum + count)).toBe(15);
  expect(calls.length).toBeLessThan(5);
});

it("lets a call that comes alone wait for none, and with a wait of 0 any call", async () => {
  const { calls, asked } = counted();
  // It would wait for a minute, were there anything under way.
  const batcher = new PredictionBatcher(asked, shape, batch, 60_000);
  await batcher.predict(samples[0] as Float32Array);
  expect(calls).toEqual([1]);
  const none = counted();
  const single = new PredictionBatcher(none.asked, shape, batch, 0);
  await Promise.all(samples.map((x) => single.predict(x)));
  expect(none.calls).toEqual(samples.map(() => 1));
});

it("tells everyone whose samples were in it that a prediction failed", async () => {
  const broken = { predict: async () => Promise.reject(new Error("broken")) };
  const batcher = new PredictionBatcher(broken as unknown as ServedLearner, shape, batch, 10);
  const all = await Promise.allSettled(samples.slice(0, 3).map((x) => batcher.predict(x)));
  expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
});
