import fc from "fast-check";
import { expect, it } from "vitest";
import { predictRun } from "../src/index.js";
import { anyPipeline } from "./profiles.js";

it("lets no more updates come between than there are other items at a stage", () => {
  fc.assert(
    fc.property(
      anyPipeline(5, 4),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 5 }),
      fc.double({ min: 0.1, max: 20, noNaN: true }),
      ({ profile, partition, workers }, limits, interval) => {
        const inFlight = limits.slice(0, partition.length);
        const { staleness } = predictRun(
          ...([profile, partition, workers, interval, undefined, inFlight] as const),
        );
        staleness.forEach((late, stage) => {
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThanOrEqual((inFlight[stage] as number) - 1);
        });
      },
    ),
  );
});
