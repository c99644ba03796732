import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Admission, Batch, ComposedBatch } from "../../src/engine.js";
import { InputError } from "../../src/index.js";
import { createLearner, crossEntropy, numbered } from "./one-stage-run.js";

/** Learns a stream, and tells which items it learned and after which item each had its effect. */
function learn(admission: Admission, items: number, time: number) {
  const learned: number[] = [];
  const plain = crossEntropy(1);
  const algorithm = {
    ...plain,
    compose(item: Batch, target: ComposedBatch) {
      learned.push(item.x[0] as number);
      return plain.compose(item, target);
    },
  };
  const learner = createLearner(admission, algorithm, { batch: 1, times: [time] });
  const updatesAfter = Array.from({ length: items }, (_, item) => {
    learner.observe(numbered(item));
    return learner.metrics().updates[0] as number;
  });
  learner.finish();
  const [parameters, metrics] = [learner.parameters(), learner.metrics()];
  learner.dispose();
  return { learned, updatesAfter, parameters, metrics };
}

const streams = [fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 40 })] as const;

describe("a learner of one stage", () => {
  it("takes in what comes while it is idle, its update at the end of its time", () => {
    fc.assert(
      fc.property(...streams, (items, quarters) => {
        const time = quarters / 4;
        // An item comes every millisecond: the next one it takes is the first after its time.
        const stride = Math.ceil(time);
        const expected = Array.from({ length: Math.ceil(items / stride) }, (_, k) => k * stride);
        const { learned, updatesAfter, metrics } = learn({ kind: "when-idle" }, items, time);
        expect(learned).toEqual(expected);
        expect(updatesAfter).toEqual(
          updatesAfter.map((_, item) => expected.filter((each) => each + time <= item).length),
        );
        expect([metrics.admitted, metrics.dropped]).toEqual([
          learned.length,
          items - learned.length,
        ]);
        expect(metrics.latency).toEqual({ p50: time, p90: time, p99: time, max: time });
        expect(metrics.staleness).toEqual([[learned.length]]);
      }),
      { numRuns: 40 },
    );
  });

  it("that admits every item has learned it when the next one comes, to what learning those alone gives", () => {
    fc.assert(
      fc.property(...streams, (items, time) => {
        const every = learn({ kind: "every" }, items, time);
        expect(every.learned).toEqual(Array.from({ length: items }, (_, item) => item));
        expect(every.updatesAfter).toEqual(every.learned.map((item) => item + 1));
        expect([every.metrics.dropped, every.metrics.latency.max]).toEqual([0, 0]);
        const idle = learn({ kind: "when-idle" }, items, 0.5);
        expect(idle.parameters).toEqual(every.parameters);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    [{ kind: "all" } as unknown as Admission, "every, when-idle or batch-skip for admission.kind"],
    [
      { kind: "batch-skip", waiting: 2, atOnce: 3, rule: { create: () => ({ choose() {} }) } },
      "a whole number from 1 to 2 for admission.atOnce",
    ],
    [
      { kind: "batch-skip", waiting: 3, atOnce: 2, rule: { create: () => ({ choose() {} }) } },
      "times of learning 1 to 2 items for learnTimes",
    ],
  ] as const)("refuses %o", (admission, message) => {
    const create = () => createLearner(admission, crossEntropy(1), { batch: 1, times: [1] });
    expect(create).toThrow(InputError);
    expect(create).toThrow(message);
  });
});
