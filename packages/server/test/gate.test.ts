import fc from "fast-check";
import { expect, it } from "vitest";
import { Gate } from "../src/gate.js";

it("lets calls pass at once, and whoever wants to be alone when nobody is inside", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constant("alone" as const), fc.integer({ min: 0, max: 5 })), {
        maxLength: 30,
      }),
      async (calls) => {
        const gate = new Gate();
        let inside = 0;
        let done = 0;
        const all = calls.map((call) =>
          call === "alone"
            ? gate.alone(() => {
                expect(inside).toBe(0);
                done += 1;
              })
            : gate.pass(async () => {
                inside += 1;
                for (let turn = 0; turn < call; turn += 1) await Promise.resolve();
                inside -= 1;
                done += 1;
                if (call === 5) throw new Error("failed");
              }),
        );
        await Promise.allSettled(all);
        expect(done).toBe(calls.length);
      },
    ),
  );
});

it("begins a call in the turn in which it is made, where nobody is alone", async () => {
  const gate = new Gate();
  let isBegun = false;
  const call = gate.pass(async () => {
    isBegun = true;
  });
  expect(isBegun).toBe(true);
  await call;
});
