import { createCompensator, referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
import {
  noOverheads,
  type Plan,
  type Profile,
  slots,
  type WorkerConfiguration,
} from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createLearner,
  InputError,
  Ledger,
  profileModel,
  render,
  type TimedAction,
  validate,
} from "../src/index.js";
import { createCrossEntropy } from "./cross-entropy.mjs";
import {
  batch,
  classes,
  drawItems,
  layerCount,
  learningRate,
  model,
  pipelines,
  plainWorker,
  planOf,
  replayPerceptron,
  runtime,
} from "./perceptron.js";

const algorithm = createCrossEntropy("learn", { batch, classes });

interface Setup {
  readonly partition: number[];
  readonly workers: WorkerConfiguration[];
  readonly times: number[];
  readonly arrivalInterval: number;
  readonly compensation?: string;
  readonly unitSpeeds?: number[] | undefined;
  readonly kernels?: VectorKernels;
}

function run({
  partition,
  workers,
  times,
  arrivalInterval,
  compensation = "none",
  kernels = referenceKernels,
  unitSpeeds,
}: Setup) {
  const measured = profileModel({ model, runtime, batch, timing: "model" });
  const profile: Profile = {
    ...measured,
    layers: measured.layers.map((layer, index) => ({
      ...layer,
      forwardTime: times[index]!,
      backwardTime: 2 * times[index]!,
    })),
  };
  const compensator = createCompensator(compensation, {}, kernels);
  const overheads = { ...noOverheads, compensationVectors: compensator.stateVectors };
  const plan = planOf(profile, { partition, workers }, overheads, arrivalInterval);
  const { memory } = plan;
  const actions: TimedAction[] = [];
  const learner = createLearner({
    model,
    profile,
    plan,
    runtime,
    ledger: new Ledger(memory.total),
    algorithm,
    compensator,
    kernels,
    learningRate,
    seed: 4,
    unitSpeeds,
    onAction: (action) => actions.push(action),
  });
  const initial = learner.parameters();
  const items = drawItems(40, 11);
  let correct = 0;
  for (const item of items) correct += learner.observe(item);
  learner.finish();
  const result = {
    actions,
    items,
    initial,
    correct,
    memory,
    parameters: learner.parameters(),
    metrics: learner.metrics(),
  };
  learner.dispose();
  return result;
}

const setups: fc.Arbitrary<Setup> = fc
  .tuple(
    pipelines,
    fc.record({
      times: fc.array(fc.integer({ min: 1, max: 4 }), {
        minLength: layerCount,
        maxLength: layerCount,
      }),
      arrivalInterval: fc.integer({ min: 1, max: 12 }),
      unitSpeeds: fc.option(fc.array(fc.constantFrom(0.5, 1, 2), { minLength: 1, maxLength: 6 }), {
        nil: undefined,
      }),
    }),
  )
  .map(([pipeline, clock]) => ({ ...pipeline, ...clock }));

describe("the virtual engine", () => {
  it("trains as a naive trainer does that follows its trace and keeps every version", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { actions, items, initial, parameters, metrics } = run(setup);
        const naive = replayPerceptron(actions, setup.partition, items, initial);
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
      fc.property(setups, fc.constantFrom("none", "iter-fisher"), (setup, compensation) => {
        const { actions, memory, metrics, items } = run({ ...setup, compensation });
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

  it("never has more actions at work than there are units, each as long as its unit takes", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { unitSpeeds = [] } = setup;
        fc.pre(unitSpeeds.length > 0);
        const actions = run(setup).actions.filter(({ kind }) => kind !== "U");
        for (const { start } of actions) {
          const busy = actions.filter((other) => other.start <= start && start < other.end);
          expect(busy.length).toBeLessThanOrEqual(unitSpeeds.length);
        }
        for (const { kind, stage, worker, start, end } of actions) {
          const [first, last] = [setup.partition[stage]!, setup.partition[stage + 1] ?? layerCount];
          const forward = setup.times.slice(first, last).reduce((sum, time) => sum + time, 0);
          const again = setup.workers[worker]!.recompute ? forward : 0;
          const work = kind === "F" ? forward : 2 * forward + again;
          const speed = work / (end - start);
          expect(unitSpeeds.some((each) => Math.abs(each - speed) < 1e-6)).toBe(true);
        }
      }),
    );
  });

  it("does as without a limit where every device has a unit", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const devices = setup.partition.length * setup.workers.length;
        const limited = run({ ...setup, unitSpeeds: new Array<number>(devices).fill(1) });
        const free = run({ ...setup, unitSpeeds: undefined });
        const sorted = (actions: readonly TimedAction[]) =>
          actions.map((action) => JSON.stringify(action)).sort();
        expect(sorted(limited.actions)).toEqual(sorted(free.actions));
        expect(limited.metrics.dropped).toBe(free.metrics.dropped);
      }),
    );
  });

  it("lets a single unit never rest while items wait", () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { actions } = run({ ...setup, arrivalInterval: 0.5, unitSpeeds: [1] });
        const work = actions.filter(({ kind }) => kind !== "U");
        // Once the stream has ended no new item comes to fill a gap, but 1F1B leaves none either.
        for (let at = 1; at < work.length; at++)
          expect(work[at]!.start).toBeCloseTo(work[at - 1]!.end, 6);
      }),
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
      createLearner({
        model,
        profile,
        plan: { ...setup, memory } as unknown as Plan,
        runtime,
        ledger: new Ledger(memory.total - 64),
        algorithm,
        compensator: createCompensator("none", {}, referenceKernels),
        kernels: referenceKernels,
        learningRate,
        seed: 4,
      }),
    ).toThrow(InputError);
  });
});
