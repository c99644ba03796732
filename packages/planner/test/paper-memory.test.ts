import { describe, expect, it } from "vitest";
import { paperMemory, paperVersions } from "../src/paper-memory.js";
import { plainWorkers } from "../src/worker.js";
import { profileOf } from "./profiles.js";

describe("paper's memory model, Eq. 4", () => {
  it("gives P - i versions without T2 and T3 (PipeDream)", () => {
    for (let stageCount = 1; stageCount <= 12; stageCount += 1)
      for (let stage = 0; stage < stageCount; stage += 1)
        expect(paperVersions(stageCount, stage, 1, 0)).toBe(stageCount - stage);
  });

  it("gives 2 versions from c^a = P - i - 1 on (PipeDream-2BW)", () => {
    for (let stageCount = 2; stageCount <= 12; stageCount += 1)
      for (let stage = 0; stage < stageCount - 1; stage += 1)
        for (let more = 0; more < 4; more += 1)
          expect(paperVersions(stageCount, stage, stageCount - stage - 1 + more, 0)).toBe(2);
  });

  it("gives exactly 1 version at c^o = P - 1 - i", () => {
    for (let stageCount = 1; stageCount <= 12; stageCount += 1)
      for (let stage = 0; stage < stageCount; stage += 1)
        expect(paperVersions(stageCount, stage, 1, stageCount - 1 - stage)).toBe(1);
  });

  const profile = profileOf([
    { parameterBytes: 100, activationBytes: 10 },
    { parameterBytes: 200, activationBytes: 20 },
    { parameterBytes: 400, activationBytes: 40 },
  ]);

  it("weighs versions with parameters and activations", () => {
    expect(paperMemory(profile, [0, 2], plainWorkers(2, 1))).toBe(2 * (300 + 30) + (400 + 40));
    expect(paperMemory(profile, [0, 2], plainWorkers(2, 3))).toBe(3 * 1100);
  });

  it("drops inner activations of workers that recompute", () => {
    const [plain] = plainWorkers(2, 1);
    const recomputing = { ...plain!, recompute: true };
    expect(paperMemory(profile, [0, 2], [recomputing])).toBe(2 * (300 + 10) + (400 + 40));
    expect(paperMemory(profile, [0, 2], [recomputing, plain!])).toBe(1060 + 1100);
  });
});
