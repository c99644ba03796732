import fc from "fast-check";
import { expect, it } from "vitest";
import { FleetModel } from "../src/fleet-model.js";
import { expectedProgress, parseProfile, predictMemory } from "../src/index.js";
import { partsOf } from "../src/kinds.js";
import { noOverheads } from "../src/memory.js";
import { sharedSlots } from "../src/slots.js";
import { limited } from "../src/steady-state.js";
import { profileOf } from "./profiles.js";

const layer = fc.record({
  forwardTime: fc.integer({ min: 1, max: 9 }),
  backwardTime: fc.integer({ min: 1, max: 9 }),
  parameterBytes: fc.integer({ min: 0, max: 64 }).map((lines) => 1024 * lines),
  compensationTimes: fc.record({ slow: fc.integer({ min: 0, max: 9 }) }),
});

/** Of three stages; few settings, so that some workers are alike. */
const worker = fc.record({
  recompute: fc.boolean(),
  accumulate: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(1, 2), fc.constant(1)),
  omit: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom(0, 1), fc.constant(0)),
});

it("knows memory and progress of any workers, by their kinds", () => {
  fc.assert(
    fc.property(
      fc
        .array(layer, { minLength: 3, maxLength: 6 })
        .filter((layers) => layers.some(({ parameterBytes }) => parameterBytes > 0)),
      fc.array(worker, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 16 }),
      fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      fc.integer({ min: 0, max: 4 }),
      fc.option(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 3, maxLength: 3 }), {
        nil: undefined,
      }),
      (layers, workers, pressure, computeUnits, vectors, inFlight) => {
        const profile = parseProfile(profileOf(layers));
        const partition = [0, 1, 2];
        const arrivalInterval = profile.sequentialTime / pressure;
        const overheads = { ...noOverheads, executorCount: 2, queueLength: 1, replayBytes: 640 };
        const units = computeUnits === undefined ? {} : { computeUnits };
        const asked = { profile, partition, arrivalInterval, ...units };
        const settings = { valueDecay: 0.1, itemValue: 1, maxWorkers: 64 };
        const model = new FleetModel({ ...asked, ...settings, overheads });
        const parts = partsOf(workers, (each) => model.kind(each));
        const own = { ...overheads, compensationVectors: vectors };
        const { total } = predictMemory(profile, partition, workers, own, inFlight);
        expect(model.memory(parts, vectors, inFlight)).toBe(total);
        const free = model.steadyState(parts);
        const progress = model.progress(inFlight ? limited(free, inFlight) : free, 0.2);
        const limit = inFlight && { inFlight };
        const expected = expectedProgress({ ...asked, ...limit, workers, stalenessCost: 0.2 });
        expect(progress).toBeCloseTo(expected, 12);
        const paid = model.steadyState(
          parts,
          model.repairTimes("slow", sharedSlots(3, parts, inFlight)),
        );
        const slower = model.progress(inFlight ? limited(paid, inFlight) : paid, 0.2);
        const compensation = { stalenessCost: 0.2, compensation: "slow" };
        const slow = expectedProgress({ ...asked, ...limit, ...compensation, workers });
        expect(slower).toBeCloseTo(slow, 12);
      },
    ),
    { numRuns: 300 },
  );
});
