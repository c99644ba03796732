import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { expect, it } from "vitest";
import { Trace } from "../../src/clock/threads/trace.js";
import { FixedOrderCourse } from "../../src/course/fixed-order.js";
import { scheduleSlots, scheduleWorker } from "../../src/course/schedule-slots.js";
import { allocateParameters, Executor, Ledger, NewCells } from "../../src/engine.js";
import { DurationHistogram } from "../../src/metrics/duration-histogram.js";
import { EndlessOrder } from "../../src/schedule/endless.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { runtime } from "../perceptron.js";
import { prepare } from "./schedule-run.js";

const setup = {
  schedule: "dapple",
  deviceCount: 2,
  microbatchCount: 2,
  moreLayers: 0,
  width: 3,
  times: [1],
  arrivalInterval: 1,
  itemCount: 3,
};

function prepareCourse() {
  const { model, profile, items } = prepare(setup);
  const { batch } = profile;
  const endless = new EndlessOrder("dapple", 2, 2);
  const ledger = new Ledger(null);
  const executor = new Executor({
    model,
    runtime,
    partition: [0, 1],
    workers: [scheduleWorker(endless)],
    slots: scheduleSlots(endless),
    memory: ledger,
    parameters: allocateParameters(model, ledger, { seed: 1 }),
    algorithm: createCrossEntropy("learn", { batch, classes: model.classes }),
    compensator: createCompensator("none", {}, referenceKernels),
    kernels: referenceKernels,
    learningRate: 0.1,
    batch,
  });
  const cells = new NewCells();
  const latency = new DurationHistogram(cells);
  const log = new Trace(10, 2, cells);
  const course = new FixedOrderCourse(endless, { executor, log, latency }, cells);
  course.start();
  return { course, executor, items };
}

it("hands out an item when it has been predicted, then what follows, and an update with its last pass", () => {
  const { course, executor, items } = prepareCourse();
  const arrive = (item: number) => {
    const flight = course.arrive(item, 0);
    if (!flight) return false;
    course.compose(flight, items[0]!);
    return true;
  };
  const played: string[] = [];
  const play = () => {
    let task = course.next();
    if (!task) return false;
    course.begin(task);
    while (task) {
      const { kind, item, stage } = task;
      course.compute(task);
      task = course.end(task, 0, 1);
      played.push(`${stage}${kind}${item}${task ? "+" : ""}`);
    }
    return true;
  };

  expect(course.isThrough).toBe(true);
  expect(arrive(0)).toBe(true);
  // It waits for its prediction, and there is room for one.
  expect([course.hasRoom(), arrive(1), play()]).toEqual([false, false, false]);
  expect(course.isThrough).toBe(false);
  course.predicted();
  expect(play()).toBe(true);
  expect([played, course.hasRoom()]).toEqual([["0F0"], true]);
  expect(arrive(2)).toBe(true);
  course.predicted();
  while (play());
  expect(played).toEqual(
    // Item 1 found no room: the second micro-batch is item 2. Device 0 keeps to F F B B; of two
    // devices that may go on, the one with the older micro-batch goes first.
    ["0F0", "1F0", "1B0", "0F2", "0B0", "1F2", "1B2+", "1U2", "0B2+", "0U2"],
  );
  expect(course.isThrough).toBe(true);
  executor.dispose();
});
