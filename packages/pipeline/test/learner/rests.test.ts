import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rests } from "../../src/learner/rests.js";

function held() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, ended };
}

describe("Rests", () => {
  it("holds the calls of a rest, and no more than as many while they are caught up with", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(6), fc.nat(6), fc.nat(20), async (before, during, after) => {
        const rests = new Rests();
        const { end, ended } = held();
        const told: boolean[] = [];
        const call = () =>
          rests.during((isHeld) => {
            told.push(isHeld);
            return ended;
          });
        const calls = Array.from({ length: before }, call);
        const rest = held();
        const resting = rests.rest(() => rest.ended);
        calls.push(...Array.from({ length: during }, call));
        rest.end();
        await resting;
        calls.push(...Array.from({ length: after }, call));
        const also = Math.min(during, after);
        expect(told).toEqual([
          ...Array(before).fill(false),
          ...Array(during + also).fill(true),
          ...Array(after - also).fill(false),
        ]);
        end();
        await Promise.all(calls);
        await rests.during(async (isHeld) => expect(isHeld).toBe(false));
      }),
    );
  });

  it("has caught up once no held call is left, and after a rest that failed", async () => {
    const rests = new Rests();
    const rest = rests.rest(() => Promise.reject(new Error("no room")));
    await rests.during(async (isHeld) => expect(isHeld).toBe(true));
    await expect(rest).rejects.toThrow("no room");
    await rests.during(async (isHeld) => expect(isHeld).toBe(false));
  });
});
