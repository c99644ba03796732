import { idleTime } from "@ferret-ocl/pipeline/engine";
import { expect, it } from "vitest";
import { ferretTimeline } from "../src/ferret-timeline.js";
import { loadMachinery } from "../src/machinery.js";
import { orderTimeline } from "../src/timeline.js";

const { runtime } = await loadMachinery();
const times = { forward: 1, backward: 1, weight: 1 };

it("one worker of Ferret does what PipeDream does, once the pipeline is full", () => {
  for (const stageCount of [1, 2, 3, 4]) {
    const itemCount = 4 * stageCount;
    const run = ferretTimeline({ runtime, stageCount, workerCount: 1, itemCount, times });
    const order = orderTimeline("pipedream", stageCount, itemCount, times);
    expect(run.counts).toEqual(order.counts);
    const passes = ({ actions }: typeof run) =>
      actions
        // Items of a stream do not come all at once, so the first forward passes are later.
        .filter(({ kind, item }) => kind === "B" || (kind === "F" && item >= stageCount))
        .map(({ kind, stage, item, start }) => `${stage}${kind}${item} at ${start}`)
        .sort();
    expect(passes(run)).toEqual(passes(order));
    expect(idleTime(run, run.actions)).toBe(3 * (stageCount - 1));
  }
});

it("several workers of Ferret run side by side, on no more weight versions than items in flight", () => {
  const options = { runtime, stageCount: 3, workerCount: 2, itemCount: 24, times };
  const { actions, counts, deviceCount, deviceOf } = ferretTimeline(options);
  expect(deviceCount).toBe(6);
  expect(new Set(actions.map(({ stage }) => deviceOf(stage))).size).toBe(6);
  counts.forEach(({ weightVersions, activations }, stage) => {
    expect(activations).toBe(2 * (3 - stage));
    expect(weightVersions).toBeLessThanOrEqual(activations);
  });
});
