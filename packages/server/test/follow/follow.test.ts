import { createLearner } from "@ferret-ocl/pipeline";
import { expect, it } from "vitest";
import { follow, Service, type Source, type SourceMessage } from "../../src/index.js";
import { circleLearner, classOf, pointAt, temporaryFolders } from "./circle.js";

const place = temporaryFolders();

/** Points with their labels, each at its number. */
function points(count: number, change?: (k: number) => SourceMessage<number>): Source<number> {
  return {
    name: "points",
    async *read(after = 0) {
      for (let k = after; k < count; k++)
        yield { position: k + 1, x: pointAt(k), y: classOf(pointAt(k)), ...change?.(k) };
    },
  };
}

it("does what plain calls of a learner do, to the bit", async () => {
  const service = await Service.open({ learner: circleLearner });
  const counts = await follow(service, { sources: [points(300)] }).ended;
  const learner = await createLearner(circleLearner);
  let correct = 0;
  for (let k = 0; k < 300; k++)
    correct += (await learner.observe(pointAt(k), classOf(pointAt(k)))).correct;
  expect(service.learner.parameters()).toEqual(learner.parameters());
  expect(counts).toMatchObject({ messages: 300, labelled: 300, scored: 300, correct, bad: 0 });
  expect(correct).toBeGreaterThan(150);
  await service.close();
  await learner.dispose();
});

it("goes on where the checkpoint stands, to the bit, whatever was taken in after it", async () => {
  const learner = circleLearner;
  const every = { items: 40 };
  const whole = await Service.open({ learner, state: place("whole") });
  const expected = await follow(whole, { sources: [points(300)], every }).ended;

  const begun = await Service.open({ learner, state: place("broken") });
  const failing = points(300, (k) => {
    if (k === 137) throw new Error("the line is dead");
    return {};
  });
  // As a kill would: nothing of what came after the last checkpoint is saved.
  const { beginSave } = begun;
  let saves = 0;
  begun.beginSave = async () =>
    ++saves <= 3 ? beginSave.call(begun) : { written: Promise.resolve({}) };
  await expect(follow(begun, { sources: [failing], every }).ended).rejects.toThrow("dead");
  await begun.close();

  const again = await Service.open({ learner, state: place("broken") });
  expect(again.positionOf("points")).toBe(120);
  expect(await follow(again, { sources: [points(300)], every }).ended).toEqual(expected);
  expect(again.learner.parameters()).toEqual(whole.learner.parameters());
  await whole.close();
  await again.close();
});

it("acknowledges what is on disk, and predictions up to it have been taken before", async () => {
  const state = place("acknowledged");
  const service = await Service.open({ learner: circleLearner, state });
  const acknowledged: number[] = [];
  let taken = 0;
  const source: Source<number> = {
    ...points(25),
    async acknowledge(position) {
      expect(taken).toBeGreaterThanOrEqual(position);
      const copy = await Service.open({ learner: circleLearner, state });
      expect(copy.positionOf("points")).toBe(position);
      await copy.close();
      acknowledged.push(position);
    },
  };
  const predictions = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    taken++;
  };
  await follow(service, { sources: [source], every: { items: 10 }, predictions }).ended;
  expect(acknowledged).toEqual([10, 20, 25]);
  await service.close();
});

it.each([
  [{ x: [1] }, "samples of 2 numbers for x but received 1"],
  [{ x: [1, Number.NaN] }, "finite numbers for x but value 1 is NaN"],
  [{ y: 2 }, "classes from 0 to 1 for y but received 2"],
  [{ y: [1, 1] }, "1 numbers for y, 1 a sample, but received 2"],
  [{ x: ["1", 2] as unknown as number[] }, 'numbers for x but one is "1"'],
  [{ x: undefined, y: 1 }, "an id beside a label alone"],
  [{ fault: "Expected JSON but received rubbish" }, "JSON but received rubbish"],
])("passes over a bad message %j, or ends before it", async (wrong, sentence) => {
  const bad = points(30, (k) => (k === 17 ? wrong : {}));
  const notices: string[] = [];
  const service = await Service.open({ learner: circleLearner });
  const onNotice = (notice: string) => notices.push(notice);
  const counts = await follow(service, { sources: [bad], onNotice }).ended;
  expect(counts).toMatchObject({ messages: 30, labelled: 29, bad: 1 });
  expect(notices).toHaveLength(1);
  expect(notices[0]).toContain(`Message 18 of points: Expected ${sentence}`);
  const learner = await createLearner(circleLearner);
  for (let k = 0; k < 30; k++) if (k !== 17) await learner.observe(pointAt(k), classOf(pointAt(k)));
  expect(service.learner.parameters()).toEqual(learner.parameters());

  const strict = await Service.open({ learner: circleLearner });
  const ended = follow(strict, { sources: [bad], badMessages: "stop" }).ended;
  await expect(ended).rejects.toThrow(sentence);
  expect(strict.positionOf("points")).toBe(17);
  for (const each of [service, strict]) await each.close();
  await learner.dispose();
});

it("learns an item when its label comes, before or after it, from another source", async () => {
  const items: Source<number> = {
    name: "items",
    async *read(after = 0) {
      for (let k = after; k < 60; k++) yield { position: k + 1, x: pointAt(k), id: `item ${k}` };
    },
  };
  const labelsOf = (name: string, ids: number[]): Source<number> => ({
    name,
    async *read(after = 0) {
      for (const [at, k] of [...ids.entries()].slice(after))
        yield { position: at + 1, id: `item ${k}`, y: classOf(pointAt(k)) };
    },
  });
  const service = await Service.open({ learner: circleLearner });
  const early = Array.from({ length: 20 }, (_, k) => k);
  await follow(service, { sources: [labelsOf("early labels", early)] }).ended;
  expect(service.learner.metrics().items).toBe(0);
  await follow(service, { sources: [items] }).ended;
  const late = Array.from({ length: 40 }, (_, k) => 59 - k);
  // The second label of an item is that of none.
  const counts = await follow(service, { sources: [labelsOf("late labels", [...late, 30, 7])] })
    .ended;
  expect(counts).toMatchObject({ messages: 122, labelled: 60, alone: 40, scored: 20 });

  const learner = await createLearner(circleLearner);
  for (const k of [...early, ...late]) await learner.learn(pointAt(k), classOf(pointAt(k)));
  expect(service.learner.parameters()).toEqual(learner.parameters());
  await service.close();
  await learner.dispose();
});

it("learns values, with their items and late, as plain calls of a regressor do", async () => {
  const { classes: _, ...shared } = circleLearner;
  const regressor = { ...shared, loss: "meanSquaredError", outputs: 2 } as const;
  const valuesOf = (k: number) => [pointAt(k)[0]! * pointAt(k)[1]!, Math.sin(k)];
  const source: Source<number> = {
    name: "values",
    async *read(after = 0) {
      for (let k = after; k < 40; k++) {
        const position = k + 1;
        if (k === 7) yield { position, x: pointAt(k), y: 1 };
        else if (k % 4 === 2) yield { position, x: [pointAt(k), pointAt(k)], id: `${k}` };
        else if (k % 4 === 3) yield { position, id: `${k - 1}`, y: [valuesOf(k), valuesOf(k)] };
        else yield { position, x: pointAt(k), y: valuesOf(k) };
      }
    },
  };
  const service = await Service.open({ learner: regressor });
  const values: number[] = [];
  const counts = await follow(service, {
    sources: [source],
    inFlight: 1,
    predictions: (prediction) => {
      values.push(...prediction.values!);
    },
  }).ended;
  // Of item 6 no label came: that of message 8 is none.
  expect(counts).toMatchObject({ messages: 40, bad: 1, labelled: 38, alone: 20, scored: 20 });

  const learner = await createLearner(regressor);
  const expected: number[] = [];
  for (let k = 0; k < 40; k++) {
    if (k === 7) continue;
    const twice = [pointAt(k), pointAt(k)];
    if (k % 4 === 2) expected.push(...(await learner.predict(twice)).values);
    else if (k % 4 === 3)
      await learner.learn([pointAt(k - 1), pointAt(k - 1)], [valuesOf(k), valuesOf(k)]);
    else expected.push(...(await learner.observe(pointAt(k), valuesOf(k))).values);
  }
  expect(service.learner.parameters()).toEqual(learner.parameters());
  expect(values).toEqual(expected);
  await service.close();
  await learner.dispose();
});

it("drops nothing on threads, whatever is in flight", async () => {
  const learner: typeof circleLearner = {
    ...circleLearner,
    clock: { kind: "threads", count: 2 },
    whenBusy: "wait",
    timing: "model",
  };
  const service = await Service.open({ learner, state: place("threads") });
  const counts = await follow(service, { sources: [points(500)], every: { items: 50 } }).ended;
  expect(counts).toMatchObject({ messages: 500, labelled: 500, dropped: 0, checkpoints: 10 });
  expect(service.learner.metrics()).toMatchObject({ items: 500, dropped: 0 });
  await service.close();
});

it("says so when another source than before is followed, and keeps the place of that", async () => {
  const service = await Service.open({ learner: circleLearner, state: place("others") });
  await follow(service, { sources: [points(10)] }).ended;
  const notices: string[] = [];
  const onNotice = (notice: string) => notices.push(notice);
  const other = { ...points(3), name: "other" };
  await follow(service, { sources: [other], onNotice }).ended;
  expect(notices).toEqual([
    "The checkpoint also stands in points, which is not followed now; its place is kept (other is followed from its beginning)",
  ]);
  await follow(service, { sources: [points(10), other], onNotice }).ended;
  expect(notices).toHaveLength(1);
  expect(service.learner.metrics().items).toBe(13);
  await service.close();
});

it("stops where it stands when it is told, though the source is silent", async () => {
  const silent: Source<number> = {
    name: "silent",
    async *read() {
      yield { position: 1, x: pointAt(0), y: 0 };
      await new Promise(() => {});
    },
  };
  const state = place("silent");
  const service = await Service.open({ learner: circleLearner, state });
  const following = follow(service, { sources: [silent] });
  while (following.counts.messages === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  following.stop();
  expect(await following.ended).toMatchObject({ messages: 1, checkpoints: 1 });
  await service.close();
  const again = await Service.open({ learner: circleLearner, state });
  expect(again.positionOf("silent")).toBe(1);
  await again.close();
});

it("writes checkpoints by time, also when nothing more comes", async () => {
  const acknowledged: number[] = [];
  let end = () => {};
  const waiting: Source<number> = {
    name: "waiting",
    async *read() {
      yield { position: 1, x: pointAt(0), y: 0 };
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    },
    acknowledge: (position) => {
      acknowledged.push(position);
      end();
    },
  };
  const service = await Service.open({ learner: circleLearner, state: place("time") });
  await follow(service, { sources: [waiting], every: { milliseconds: 20 } }).ended;
  expect(acknowledged).toEqual([1]);
  await service.close();
});

it.each([
  [{ sources: [] }, "a list of sources"],
  [{ sources: [points(1), points(1)] }, "all different"],
  [{ sources: [points(1)], every: { items: 0.5 } }, "above 0 for every"],
  [{ sources: [points(1)], inFlight: 0 }, "a whole number above 0 for inFlight"],
])("refuses wrong options", async (options, sentence) => {
  const service = await Service.open({ learner: circleLearner });
  expect(() => follow(service, options)).toThrow(sentence);
  await service.close();
});
