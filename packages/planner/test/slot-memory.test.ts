import { describe, expect, it } from "vitest";
import { InputError, predictMemory, predictSlotMemory, slots } from "../src/index.js";
import { plainWorkers } from "../src/worker.js";
import { profileOf } from "./profiles.js";

const workers = plainWorkers(2, 1);

describe("predictSlotMemory", () => {
  it("is the pipeline's own prediction from the pipeline's own slots", () => {
    const profile = profileOf([{ lastBytes: 96 }, { parameterBytes: 40 }]);
    expect(predictSlotMemory(profile, [0, 1], slots([0, 1], workers))).toEqual(
      predictMemory(profile, [0, 1], workers),
    );
  });

  it("adds what waits between the halves of a backward pass: input and gradients", () => {
    const layer = { pendingBytes: 100, pendingInputBytes: 64 };
    const profile = profileOf([layer, layer, { pendingBytes: 64, pendingInputBytes: 200 }]);
    const counts = slots([0, 2], workers);
    const plain = predictSlotMemory(profile, [0, 2], counts);
    const { total, byCategory } = predictSlotMemory(profile, [0, 2], {
      ...counts,
      pending: [1, 3],
    });
    // Lines of 64 bytes; two gradients and an input, then three of one gradient and an input.
    const waiting = 64 + 128 + 128 + 3 * (256 + 64);
    expect(total).toBe(plain.total + waiting);
    expect(byCategory).toEqual({
      ...plain.byCategory,
      activations: plain.byCategory.activations + waiting,
    });
  });

  it("refuses a profile that does not say how much waits", () => {
    const profile = profileOf([{ pendingBytes: 64, pendingInputBytes: 64 }, {}]);
    const predict = () =>
      predictSlotMemory(profile, [0], { ...slots([0], plainWorkers(1, 1)), pending: [1] });
    expect(predict).toThrow(InputError);
    expect(predict).toThrow("(profile the model again), for profile.layers[1].pendingBytes");
  });
});
