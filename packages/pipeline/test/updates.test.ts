import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { expect, it } from "vitest";
import { Lock } from "../src/engine/lock.js";
import { StageUpdates } from "../src/engine/updates.js";
import { cutStages, Ledger } from "../src/index.js";
import { NewCells } from "../src/memory/cells.js";
import { WeightVersions } from "../src/weights/versions.js";
import { model } from "./perceptron.js";

it("keeps a gradient's version where a step finds no slot, and lets it go once", () => {
  const cells = new NewCells();
  const [stage] = cutStages(model, [0]);
  const versions = new WeightVersions([new Float32Array(stage!.parameterCount)], cells);
  const updates = new StageUpdates(
    {
      stage: stage!,
      versions,
      accumulator: null,
      accumulate: [1],
      compensator: createCompensator("none"),
      memory: new Ledger(),
      cells,
      lock: new Lock(cells, 0),
      kernels: referenceKernels,
      learningRate: 1,
      isAlone: true,
    },
    new Lock(cells, 0),
  );
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

it("tells a compensator the gradients in between, those that wait in a group too", () => {
  const cells = new NewCells();
  const [stage] = cutStages(model, [0]);
  const count = stage!.parameterCount;
  const slots = Array.from({ length: 4 }, () => new Float32Array(count));
  const versions = new WeightVersions(slots, cells);
  const told: { staleness: number; pending: number | undefined }[] = [];
  const updates = new StageUpdates(
    {
      stage: stage!,
      versions,
      accumulator: new Float32Array(count),
      accumulate: [3],
      compensator: {
        name: "recording",
        stateVectors: 0,
        init: () => null,
        update: (_gradient, _versions, _state, { staleness, pending }) => {
          told.push({ staleness, pending });
        },
      },
      memory: new Ledger(),
      cells,
      lock: new Lock(cells, 0),
      kernels: referenceKernels,
      learningRate: 1,
      isAlone: true,
    },
    new Lock(cells, 0),
  );
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
