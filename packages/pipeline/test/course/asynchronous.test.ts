import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { noOverheads, slots, type WorkerConfiguration } from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVirtualLearner, Ledger } from "../../src/engine.js";
import { optimizerNames, profileModel, render, validate } from "../../src/index.js";
import { algorithm, run, setups } from "../clock/virtual-run.js";
import {
  batch,
  learningRate,
  model,
  plainWorker,
  planOf,
  replayPerceptron,
  runtime,
} from "../perceptron.js";

const repaired = fc.tuple(
  fc.constantFrom("none", "iter-fisher", "secant"),
  fc.constantFrom(...optimizerNames),
);

describe("the virtual engine", () => {
  it("trains as a naive trainer does that follows its trace and keeps every version", () => {
    fc.assert(
      fc.property(setups, fc.constantFrom(...optimizerNames), (setup, optimizer) => {
        const result = run({ ...setup, optimizer });
        const { actions, items, initial, parameters, metrics } = result;
        const naive = replayPerceptron(actions, setup.partition, items, initial, {
          optimizer,
          drainsFrom: result.drainsFrom,
        });
        naive.parameters.forEach((value, index) => {
          expect(Math.abs(value - parameters[index]!)).toBeLessThan(1e-4);
        });
        naive.staleness.forEach((values, stage) => {
          const histogram = metrics.staleness[stage]!;
          const counted = histogram.map((_, value) => values.filter((v) => v === value).length);
          expect(counted).toEqual([...histogram]);
        });
      }),
      { numRuns: 150 },
    );
  });

  it("holds to the rules of the pipeline and to the memory that was predicted, to the byte", () => {
    fc.assert(
      fc.property(setups, repaired, (setup, [compensation, optimizer]) => {
        const { actions, memory, metrics, items } = run({ ...setup, compensation, optimizer });
        expect(validate(actions, setup.partition.length)).toEqual([]);
        expect(metrics.memory).toEqual(memory);
        expect(metrics.items).toBe(items.length);
        expect(metrics.admitted + metrics.dropped).toBe(items.length);
        const started = actions.filter(({ kind, stage }) => kind === "F" && stage === 0);
        expect(started.length).toBe(metrics.admitted);
        for (const { mostHeld, slots } of metrics.versions)
          expect(mostHeld).toBeLessThanOrEqual(slots);
        for (const { worker, item } of started) expect(worker).toBe(item % setup.workers.length);
      }),
      { numRuns: 150 },
    );
  });

  it("gathers as many gradients as T2 asks for, and omits the backwards that T3 names", () => {
    fc.assert(
      fc.property(setups, ({ workers, ...setup }) => {
        const worker = workers[0] as WorkerConfiguration;
        const { actions, metrics } = run({ ...setup, workers: [worker] });
        const { participation } = slots(setup.partition, [worker]);
        const admitted = actions
          .filter(({ kind, stage }) => kind === "F" && stage === 0)
          .map(({ item }) => item);
        setup.partition.forEach((_, stage) => {
          const own = actions.filter((action) => action.stage === stage);
          const learned = own.filter(({ kind }) => kind === "B").map(({ item }) => item);
          const period = participation[0]![stage]!;
          expect(learned).toEqual(admitted.filter((_, ordinal) => ordinal % period === 0));
          let gathered = 0;
          for (const { kind } of own) {
            if (kind === "B") gathered++;
            if (kind !== "U") continue;
            expect(gathered).toBeGreaterThanOrEqual(worker.accumulate[stage]!);
            if (metrics.deferredUpdates === 0) expect(gathered).toBe(worker.accumulate[stage]);
            gathered = 0;
          }
          if (metrics.deferredUpdates === 0)
            expect(gathered).toBeLessThan(worker.accumulate[stage]!);
        });
      }),
    );
  });

  it("lets no update wait for longer than the items that were in flight when it was due", () => {
    const mostGathered = (setup: Parameters<typeof run>[0]) => {
      const { actions } = run(setup);
      const { stash } = slots(setup.partition, setup.workers);
      setup.partition.forEach((_, stage) => {
        const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count);
        const inFlight = sum(stash.map((counts) => counts[stage] as number));
        const asked = sum(setup.workers.map(({ accumulate }) => accumulate[stage] as number));
        let gathered = 0;
        for (const { kind, stage: own } of actions) {
          if (own !== stage) continue;
          if (kind === "B") gathered++;
          if (kind === "U") gathered = 0;
          expect(gathered).toBeLessThanOrEqual(asked + inFlight);
        }
      });
    };
    fc.assert(fc.property(setups, mostGathered), { numRuns: 150 });
    // Someone always reads the newest version of stage 0.
    const omitting = { ...plainWorker(2), omit: [1, 0] };
    mostGathered({
      partition: [0, 2],
      workers: [{ ...omitting, accumulate: [2, 1] }, omitting, omitting],
      times: [1, 1, 1, 1],
      arrivalInterval: 1,
    });
  });

  it("learns the same from kernels that fuse compensation and descent and from those that do not", () => {
    const { iterativeFisherSgd: _, ...apart } = referenceKernels;
    fc.assert(
      fc.property(setups, (setup) => {
        const fused = run({ ...setup, compensation: "iter-fisher" });
        const plain = run({ ...setup, compensation: "iter-fisher", kernels: apart });
        expect(plain.actions).toEqual(fused.actions);
        fused.parameters.forEach((value, index) => {
          expect(Math.abs(value - plain.parameters[index]!)).toBeLessThan(1e-5);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("repeats to the last bit", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const [first, second] = [run(setup), run(setup)];
        expect(second.parameters).toEqual(first.parameters);
        expect(second.actions).toEqual(first.actions);
        expect(second.correct).toBe(first.correct);
      }),
      { numRuns: 20 },
    );
  });

  it("learns the same wherever the model is cut, if every item ends before the next comes", () => {
    const whole = run({
      partition: [0],
      workers: [plainWorker(1)],
      times: [1, 1, 1, 1],
      arrivalInterval: 100,
    });
    for (const partition of [
      [0, 2],
      [0, 1, 3],
      [0, 1, 2, 3],
    ]) {
      const cut = run({
        partition,
        workers: [plainWorker(partition.length), plainWorker(partition.length)],
        times: [1, 1, 1, 1],
        arrivalInterval: 100,
      });
      cut.parameters.forEach((value, index) => {
        expect(Math.abs(value - whole.parameters[index]!)).toBeLessThan(1e-5);
      });
      expect(cut.correct).toBe(whole.correct);
      expect(cut.metrics.dropped).toBe(0);
    }
  });

  it("fills the pipeline one forward, one backward", async () => {
    const { actions } = run({
      partition: [0, 2],
      workers: [plainWorker(2)],
      times: [1, 1, 1, 1],
      arrivalInterval: 6,
    });
    await expect(
      render(
        actions.filter(({ item }) => item < 4),
        1,
      ),
    ).toMatchFileSnapshot("one-forward-one-backward.golden.txt");
  });

  // Stages of 2 ms forward and 4 backward; repairs take 1 ms at the first, would take 2 at the second.
  //
  // stage 0   F0F0F1F1........B0B0B0B0b0F2F2B1B1B1B1b1      F forward, B backward, b repair
  // stage 1   ....F0F0B0B0B0B0F1F1B1B1B1B1..F2F2B2B2B2B2
  it("takes the time of repairs where gradients can be late, and none elsewhere", () => {
    const setup = {
      partition: [0, 2],
      workers: [plainWorker(2)],
      times: [1, 1, 1, 1],
      arrivalInterval: 2,
      compensation: "rank-one",
    };
    const { actions, metrics } = run({ ...setup, repairTimes: [0.5, 0.5, 1, 1] });
    const learned = [...new Set(actions.map(({ item }) => item))].slice(0, 2);
    const spans = (stage: number, kind: string) =>
      actions
        .filter((each) => each.stage === stage && each.kind === kind && learned.includes(each.item))
        .map(({ start, end }) => [start, end]);
    expect(spans(0, "F")).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(spans(1, "F")).toEqual([
      [2, 4],
      [8, 10],
    ]);
    expect(spans(1, "B")).toEqual([
      [4, 8],
      [10, 14],
    ]);
    expect(spans(0, "B")).toEqual([
      [8, 13],
      [15, 20],
    ]);
    expect(metrics.staleness[1]).toEqual([metrics.admitted]);
    const length = ({ kind, stage, start, end }: (typeof actions)[number]) =>
      kind === "B" ? [[stage, end - start].join()] : [];
    expect([...new Set(actions.flatMap(length))].sort()).toEqual(["0,5", "1,4"]);
    const free = run(setup).actions;
    expect([...new Set(free.flatMap(length))].sort()).toEqual(["0,4", "1,4"]);
  });

  it("counts the updates between a gradient's weights and those it meets", () => {
    // One worker, P stages, items as fast as they are taken: P - 1 - i updates at stage i.
    const { metrics } = run({
      partition: [0, 1, 2, 3],
      workers: [plainWorker(4)],
      times: [1, 1, 1, 1],
      arrivalInterval: 3,
    });
    metrics.staleness.forEach((histogram, stage) => {
      expect(histogram.length - 1).toBe(3 - stage);
    });
  });

  it("refuses a budget that its buffers do not fit, before it has learned anything", () => {
    const setup = {
      partition: [0],
      workers: [plainWorker(1)],
      times: [1, 1, 1, 1],
      arrivalInterval: 3,
    };
    const { memory } = run(setup);
    const profile = profileModel({ model, runtime, batch, timing: "model" });
    expect(() =>
      createVirtualLearner({
        model,
        profile,
        plan: planOf(profile, setup, noOverheads, 3),
        runtime,
        ledger: new Ledger(memory.total - 64),
        algorithm,
        compensator: createCompensator("none", {}, referenceKernels),
        kernels: referenceKernels,
        learningRate,
        seed: 4,
      }),
    ).toThrow(/^Expected \w+ to fit the memory budget of \d+ bytes/);
  });
});
