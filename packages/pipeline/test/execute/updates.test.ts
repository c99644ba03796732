import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { expect, it } from "vitest";
import { cutStages, Ledger } from "../../src/engine.js";
import { StageUpdates } from "../../src/execute/stage-updates.js";
import { createOptimizer } from "../../src/index.js";
import { NewCells } from "../../src/memory/cells.js";
import { Lock } from "../../src/memory/lock.js";
import { WeightVersions } from "../../src/weights/versions.js";
import { model } from "../perceptron.js";

const [stage] = cutStages(model, [0]);

type Options = ConstructorParameters<typeof StageUpdates>[0];

/** Updates of the whole model as one stage, with as many version slots. */
function updatesWith(
  slotCount: number,
  more: Pick<Options, "accumulator" | "accumulate" | "compensator"> &
    Partial<Pick<Options, "optimizer" | "regularise">>,
) {
  const cells = new NewCells();
  const slots = Array.from({ length: slotCount }, () => new Float32Array(stage!.parameterCount));
  const versions = new WeightVersions(slots, cells);
  const lock = new Lock(cells, 0);
  const optimizer = createOptimizer("sgd", {}, referenceKernels);
  const machine = { memory: new Ledger(), cells, lock, kernels: referenceKernels, optimizer };
  const updates = new StageUpdates(
    { stage: stage!, versions, ...machine, learningRate: 1, isAlone: true, ...more },
    new Lock(cells, 0),
  );
  return { updates, versions };
}

it("keeps a gradient's version where a step finds no slot, and lets it go once", () => {
  const compensator = createCompensator("none");
  const { updates, versions } = updatesWith(1, { accumulator: null, accumulate: [1], compensator });
  const own = versions.acquire();
  const other = versions.acquire();
  expect(updates.reserveStep(own)).toBe(-1);
  expect(updates.staleness).toEqual([]);
  versions.release(other);
  // Still held: nobody may write there, until the gradient is taken in.
  expect(versions.reserve()).toBe(-1);
  updates.apply(new Float32Array(stage!.parameterCount).fill(1), own, 0);
  expect([...versions.newest.slice(0, 2)]).toEqual([-1, -1]);
  expect(updates.staleness).toEqual([1]);
  // One reader more or less would show here.
  const again = versions.acquire();
  expect(versions.reserve()).toBe(-1);
  versions.release(again);
  expect(versions.reserve()).toBe(again);
});

it.each([
  ["sgd", undefined],
  ["momentum", 10],
])("tells a compensator how far a gradient moves weights in all: %s", (name, factor) => {
  const told: (number | undefined)[] = [];
  const { updates, versions } = updatesWith(2, {
    accumulator: null,
    accumulate: [1],
    compensator: {
      name: "recording",
      stateVectors: 0,
      init: () => null,
      update({ gradient, stepFactor }) {
        told.push(stepFactor);
        return gradient;
      },
    },
    optimizer: createOptimizer(name, {}, referenceKernels),
  });
  updates.apply(new Float32Array(stage!.parameterCount), versions.acquire(), 0);
  expect(told).toHaveLength(1);
  if (factor === undefined) expect(told[0]).toBeUndefined();
  else expect(told[0]).toBeCloseTo(factor, 10);
});

it("tells a compensator the gradients in between, those that wait in a group too", () => {
  const count = stage!.parameterCount;
  const told: { staleness: number; pending: number | undefined }[] = [];
  const { updates, versions } = updatesWith(4, {
    accumulator: new Float32Array(count),
    accumulate: [3],
    compensator: {
      name: "recording",
      stateVectors: 0,
      init: () => null,
      update({ gradient, staleness, pending }) {
        told.push({ staleness, pending });
        return gradient;
      },
    },
  });
  const learn = (slot: number) => updates.apply(new Float32Array(count).fill(1), slot, 0);
  const first = Array.from({ length: 5 }, () => versions.acquire());
  for (const slot of first) learn(slot);
  // Three make an update; the fourth and the fifth were computed before it.
  learn(versions.acquire());
  expect(told.map(({ staleness }) => staleness)).toEqual([0, 1, 2, 3, 4, 2]);
  expect(told.map(({ pending }) => pending)).toEqual([0, 1, 2, 0, 1, 2]);
  // Versions are counted as ever.
  expect(updates.staleness).toEqual([4, 2]);
});

it.each([
  ["1 / (n + 1)", false, 1],
  ["1 / (n / 10 + 1) before a pause", true, 1 / 10],
])(
  "counts the nth late gradient of a drain as %s, in groups and fused steps too",
  (_, isPause, care) => {
    const count = stage!.parameterCount;
    const gradient = () => new Float32Array(count).fill(1);
    const none = createCompensator("none");
    const scaled = createCompensator("delay-adaptive", { delayStrength: 0 });
    for (const compensator of [none, scaled])
      for (const accumulator of [null, new Float32Array(count)]) {
        const { updates, versions } = updatesWith(8, { accumulator, accumulate: [6], compensator });
        const place = () => {
          updates.flush();
          return versions.newest[0]!;
        };
        const old = Array.from({ length: 6 }, () => versions.acquire());
        updates.apply(gradient(), old[0]!, 0);
        updates.apply(gradient(), old[1]!, 0);
        updates.drain.begin(isPause);
        updates.apply(gradient(), old[2]!, 0);
        updates.apply(gradient(), old[3]!, 0);
        // A step by the backward pass itself would be a whole one.
        expect(updates.reserveStep(old[4]!)).toBe(-1);
        updates.apply(gradient(), old[4]!, 0);
        expect(place()).toBeCloseTo(
          -(2 + 1 / (1 + care) + 1 / (1 + 2 * care) + 1 / (1 + 3 * care)),
          6,
        );
        // What was computed with the newest weights is not late.
        const before = versions.newest[0]!;
        updates.apply(gradient(), versions.acquire(), 0);
        expect(place()).toBe(Math.fround(before - 1));
        updates.drain.end();
        updates.apply(gradient(), old[5]!, 0);
        expect(place()).toBe(Math.fround(Math.fround(before - 1) - 1));
      }
  },
);

it.each([null, 3])(
  "takes the nth late step of a drain as 1 / (n + 1) of Adam's, groups of %s",
  (group) => {
    const count = stage!.parameterCount;
    const { updates, versions } = updatesWith(8, {
      accumulator: group ? new Float32Array(count) : null,
      accumulate: [group ?? 1],
      compensator: createCompensator("none"),
      optimizer: createOptimizer("adam", { epsilon: 1e-12 }, referenceKernels),
    });
    const old = Array.from({ length: 6 }, () => versions.acquire());
    const apply = (slot: number) => updates.apply(new Float32Array(count).fill(0.25), slot, 0);
    updates.drain.begin();
    for (const slot of old) apply(slot);
    updates.flush();
    // Of a gradient that stays the same a step of Adam is the learning rate, 1; the first gradient is
    // not late, and late ones count as 1/2, 1/3, ...: alone, or by the mean of a group.
    const steps = group
      ? [(1 + 1 / 2 + 1 / 3) / 3, (1 / 4 + 1 / 5 + 1 / 6) / 3]
      : [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6];
    expect(versions.newest[0]).toBeCloseTo(
      steps.reduce((place, step) => place - step, 0),
      4,
    );
  },
);

it("lets the penalty of an algorithm count for the same in a drain as the gradient", () => {
  const count = stage!.parameterCount;
  const { updates, versions } = updatesWith(8, {
    accumulator: null,
    accumulate: [1],
    compensator: createCompensator("none"),
    regularise: (gradient) => gradient.set(gradient.map((value) => value - 3)),
  });
  const old = Array.from({ length: 5 }, () => versions.acquire());
  updates.drain.begin();
  for (const slot of old) updates.apply(new Float32Array(count).fill(1), slot, 0);
  expect(versions.newest[0]).toBeCloseTo(2 * (1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5), 5);
});
