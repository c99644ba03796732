import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadDataset } from "../src/datasets/registry.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { methodNames } from "../src/methods/registry.js";
import { PrequentialAgreement } from "../src/metrics/agreement.js";
import type { ResultRecord } from "../src/record.js";
import { belowRule } from "../src/report/words.js";
import { run } from "../src/run.js";
import { createStream } from "../src/streams/registry.js";
import { loadShort, shortRun } from "./runs.js";
import { record, setting } from "./samples.js";

fc.configureGlobal({ seed: 20_150_810 });

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

/** The rules' accuracies, the plain way: every count anew for every sample. */
function plainRules(labels: readonly number[]) {
  const right = (rule: (before: readonly number[]) => number | undefined) => {
    const hits = labels.filter((label, sample) => rule(labels.slice(0, sample)) === label);
    return (100 * hits.length) / labels.length;
  };
  return {
    majority: right((before) => {
      const countOf = (label: number, until: number) =>
        before.slice(0, until).filter((other) => other === label).length;
      const most = Math.max(0, ...before.map((label) => countOf(label, before.length)));
      // Of equals the one that had so many first.
      const first = before.findIndex((label, place) => countOf(label, place + 1) === most);
      return before[first];
    }),
    noChange: right((before) => before.at(-1)),
  };
}

function scoresOf(labels: readonly number[], predicted: readonly number[], sizes: number[]) {
  const agreement = new PrequentialAgreement(8);
  let from = 0;
  for (const size of [...sizes, labels.length]) {
    const end = Math.min(labels.length, from + size);
    agreement.add(
      Int32Array.from(predicted.slice(from, end)),
      Int32Array.from(labels.slice(from, end)),
    );
    from = end;
  }
  return agreement.scores;
}

describe("agreement", () => {
  // Known values: cohen_kappa_score of scikit-learn 1.9.1.
  it.each([
    [[0, 1, 2, 2, 1, 0, 0, 2], [0, 1, 1, 2, 1, 0, 2, 2], 0.627_906_976_744_186],
    [[0, 0, 0, 0, 1], [0, 0, 0, 0, 0], 0],
    [[1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1], -1],
    [[3, 3, 1, 0, 2, 2, 1, 3, 0, 1], [3, 1, 1, 0, 2, 0, 1, 3, 3, 1], 0.589_041_095_890_410_9],
  ])("of %j and %j is the kappa of scikit-learn", (labels, predicted, kappa) => {
    expect(scoresOf(labels, predicted, [3])?.kappa).toBeCloseTo(kappa, 12);
  });

  it("is what counting anew for every sample gives, however the samples come in items", () => {
    const sample = fc.tuple(fc.nat(3), fc.nat(3));
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), sizes, (samples, cut) => {
        const labels = samples.map(([label]) => label);
        const scores = scoresOf(
          labels,
          samples.map(([, said]) => said),
          cut,
        );
        const { majority, noChange } = plainRules(labels);
        expect(scores?.majority).toBeCloseTo(majority, 9);
        expect(scores?.noChange).toBeCloseTo(noChange, 9);
        const right = samples.filter(([label, said]) => label === said).length / samples.length;
        const before = noChange / 100;
        expect(scores?.kappaTemporal).toBeCloseTo((right - before) / (1 - before), 9);
        let chance = 0;
        for (const [label] of samples)
          for (const [, said] of samples) if (label === said) chance += 1 / samples.length ** 2;
        if (chance > 1 - 1e-9) expect(scores?.kappa).toBe(null);
        else expect(scores?.kappa).toBeCloseTo((right - chance) / (1 - chance), 9);
      }),
    );
  });

  it("is none before the first sample", () => {
    expect(new PrequentialAgreement(3).scores).toBe(null);
  });
});

describe("a run's record", () => {
  /** Holds the record against the stream's labels; its accuracy ties the predictions to them. */
  async function check({ agreement, oacc, ...made }: ResultRecord): Promise<void> {
    const dataset = await loadDataset("glyphs", { seed: made.seed });
    const stream = createStream(dataset, setting({ items: made.items }));
    const x = new Float32Array(stream.batch * stream.inputLength);
    const labels = Array.from({ length: made.items }, (_, k) => {
      const own = new Int32Array(stream.batch);
      stream.readItem(k, x, own);
      return [...own];
    }).flat();
    const { majority, noChange } = plainRules(labels);
    expect(agreement?.majority).toBeCloseTo(majority, 9);
    expect(agreement?.noChange).toBeCloseTo(noChange, 9);
    expect(agreement?.kappaTemporal).toBeCloseTo((oacc - noChange) / (100 - noChange), 9);
    expect(agreement?.kappa).not.toBe(null);
  }

  it.each(methodNames.flatMap((method) => [0, 5].map((labelDelay) => ({ method, labelDelay }))))(
    "has the scores of $method, labels $labelDelay items late",
    async (change) => check(await shortRun(setting(change), machinery)),
  );

  it.each([
    ["ferret", 0],
    ["ferret", 5],
    ["dapple", 0],
  ] as const)(
    "has the scores of %s on threads, labels %d items late",
    async (method, labelDelay) => {
      const onThreads = { engine: "threads", threads: 2, arrival: "max" } as const;
      await check(await shortRun(setting({ method, labelDelay, ...onThreads }), machinery));
    },
  );

  it("counts the samples of the last test item, and only those", async () => {
    const own = setting({ method: "oracle", items: 30 });
    const { test, ...dataset } = await loadShort("glyphs", own);
    const right = async (from: number, count: number) => {
      const part = {
        count,
        classes: test.classes,
        inputShape: test.inputShape,
        read: (index: number, x: Float32Array, offset: number) =>
          test.read(from + index, x, offset),
        label: (index: number) => test.label(from + index),
      };
      const whole = { ...dataset, test: part };
      const stream = createStream(whole, own);
      const made = await run({ setting: own, dataset: whole, stream, machinery });
      return made.tacc === null ? null : (made.tacc * count) / 100;
    };
    const each = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((index) => right(index, 1)));
    const sum = each.reduce<number>((total, one) => total + (one as number), 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(7);
    expect(await right(0, 7)).toBeCloseTo(sum, 9);
    expect(await right(0, 0)).toBe(null);
  });
});

describe("a learner below a rule", () => {
  const scores = { majority: 25, noChange: 70, kappa: 0.1, kappaTemporal: -0.25 };

  it("is told with the rule, or both", () => {
    expect(belowRule(record({ agreement: scores }))).toEqual([
      "Ferret M+, seed 0, predicted 62.5 % correctly, fewer than the no-change rule (70.0 %), " +
        "which always predicts the previous label and ignores the input",
    ]);
    const [sentence] = belowRule(record({ agreement: { ...scores, majority: 80 } }));
    expect(sentence).toContain(
      "fewer than the no-change rule (70.0 %), which always predicts the previous label, and " +
        "the majority rule (80.0 %), which always predicts the most frequent label so far; both " +
        "ignore the input",
    );
  });

  it("is no other, and none of a record that does not tell", () => {
    expect(belowRule(record({ agreement: { ...scores, noChange: 62.5 } }))).toEqual([]);
    expect(belowRule(record({ agreement: null }))).toEqual([]);
  });
});
