import { Ledger } from "@ferret-ocl/pipeline/engine";
import { beforeAll, describe, expect, it } from "vitest";
import { LateLabels, labelDelayBytes, withLabelDelay } from "../src/learners/label-delay.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { methodNames } from "../src/methods/registry.js";
import { shortRun, stable } from "./runs.js";
import { setting } from "./samples.js";

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

const itemAt = (k: number) => ({ x: Float32Array.of(k, -k), labels: Int32Array.of(k), size: 1 });

/** Notes what it is asked; an item is "right" if it was learned. */
function recorder() {
  const calls: string[] = [];
  const stub = () => {
    throw new Error("Expected no call");
  };
  return {
    calls,
    learner: {
      observe: (item: { x: Float32Array; labels: Int32Array }) => {
        calls.push(`learn ${item.x[0]} ${item.x[1]} as ${item.labels[0]}`);
        return 99;
      },
      evaluate: (item: { x: Float32Array }) => {
        calls.push(`predict ${item.x[0]}`);
        return item.x[0] as number;
      },
      finish: stub,
      predict: stub,
      parameters: stub,
      metrics: stub,
      recentActions: stub,
      dispose: stub,
    },
  };
}

describe("labels that come late", () => {
  it.each([
    [
      true,
      ["predict 0", "predict 1", "predict 2", "learn 0 0 as 0", "predict 3", "learn 1 -1 as 1"],
    ],
    [
      false,
      ["predict 0", "predict 1", "learn 0 0 as 0", "predict 2", "learn 1 -1 as 1", "predict 3"],
    ],
  ])("are learned with the item that they arrive with (at once: %s)", (learnsAtOnce, calls) => {
    const { calls: made, learner } = recorder();
    const ledger = new Ledger(null);
    const sizes = { delay: 2, batch: 1, inputLength: 2, classes: 4 };
    const delayed = withLabelDelay(learner, new LateLabels({ ...sizes, ledger }), learnsAtOnce);
    expect([0, 1, 2, 3].map((k) => delayed.observe(itemAt(k)))).toEqual([0, 1, 2, 3]);
    expect(made).toEqual(calls);
    expect(ledger.peak.total).toBe(labelDelayBytes(sizes));
  });

  it.each(methodNames)(
    "%s: all items are predicted, those with labels offered, memory as planned",
    async (method) => {
      const record = await shortRun(setting({ method, labelDelay: 7 }), machinery);
      expect([record.items, record.learned + record.dropped]).toEqual([40, 33]);
      expect(record.curve.items.at(-1)).toBe(40);
      if (machinery.runtime.name === "native")
        expect(record.memory.peak).toBe(record.memory.planned);
    },
  );

  it.each(["ferret", "dapple", "oracle", "1-skip"] as const)(
    "%s, on threads too: all items are predicted, those with labels offered, memory as planned",
    async (method) => {
      const onThreads = { engine: "threads", threads: 2, arrival: "max", labelDelay: 7 } as const;
      const record = await shortRun(setting({ method, ...onThreads }), machinery);
      expect([record.items, record.learned, record.dropped]).toEqual([40, 33, 0]);
      expect(record.curve.items.at(-1)).toBe(40);
      if (machinery.runtime.name === "native")
        expect(record.memory.peak).toBe(record.memory.planned);
    },
  );

  it("cost accuracy where classes change, and nothing where there is no delay", async () => {
    const change = { method: "oracle", order: "split", items: 150, batch: 8 } as const;
    const [none, zero, late] = await Promise.all(
      [{}, { labelDelay: 0 }, { labelDelay: 15 }].map((more) =>
        shortRun(setting({ ...change, ...more }), machinery),
      ),
    );
    expect(stable(zero!)).toEqual(stable(none!));
    expect(late!.oacc).toBeLessThan(none!.oacc - 5);
  });
});
