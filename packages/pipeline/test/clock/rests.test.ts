import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Rests } from "../../src/clock/threads/rests.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

describe("Rests", () => {
  it("lets items wait for as long as the pipeline stood still, and no longer", async () => {
    const rests = new Rests();
    expect(rests.isCatchingUp).toBe(false);
    const rest = rests.during(() => after(30));
    await vi.advanceTimersByTimeAsync(30);
    await rest;
    expect(rests.isCatchingUp).toBe(true);
    await vi.advanceTimersByTimeAsync(29);
    expect(rests.isCatchingUp).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(rests.isCatchingUp).toBe(false);
  });

  it("does not add up rests: the last one counts, also where it failed", async () => {
    const rests = new Rests();
    for (const length of [100, 20]) {
      const rest = rests.during(() => after(length).then(() => Promise.reject(new Error("full"))));
      const failed = expect(rest).rejects.toThrow("full");
      await vi.advanceTimersByTimeAsync(length);
      await failed;
    }
    await vi.advanceTimersByTimeAsync(20);
    expect(rests.isCatchingUp).toBe(false);
  });
});
