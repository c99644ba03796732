import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { follow, Service, serve, shutDown } from "../src/index.js";
import { learner } from "./small-learner.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-edges-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sampleAt = (k: number) => [Math.sin(k), Math.cos(k), k % 2, 1];

it("refuses an option that there is none of, and a learner's too", async () => {
  await expect(Service.open({ learner, stat: folder } as never)).rejects.toThrow(
    /one of learner, state, .* for an option of Service.open but received "stat"/,
  );
});

it.each([
  ["the virtual clock", learner],
  // Plans are made in a thread of their own there.
  ["threads", { ...learner, clock: { kind: "threads", count: 1 }, timing: "model" }],
] as const)(
  "names budgets as they were asked for, with what waits for labels, on %s",
  async (_, way) => {
    const waitingBytes = 4096;
    const service = await Service.open({ learner: way, waitingBytes });
    const words = (budget: number) =>
      service.replan({ memoryBudget: budget }).then(
        () => null,
        (error: Error) => error.message,
      );
    const refused = (await words(5000)) as string;
    expect(refused).toContain("but received 5000");
    const least = Number(/at least (\d+) bytes/.exec(refused)?.[1]);
    expect(await words(least - 1)).toContain(`at least ${least} bytes`);
    expect(await words(least)).toBe(null);
    expect(service.memoryBudget).toBe(least);
    await service.close();
  },
);

it("predicts no more at once than may wait for labels", async () => {
  const service = await Service.open({ learner, waitingBytes: 4096 });
  const many = Array.from({ length: service.waiting.room + 1 }, (_, k) => sampleAt(k));
  await expect(service.predictAll(many)).rejects.toThrow(/at most \d+ samples at once/);
  expect(await service.predictAll(many.slice(1))).toHaveLength(service.waiting.room);
  await service.close();
});

it("saves between calls: what was learned was scored, whatever is under way", async () => {
  for (let round = 0; round < 5; round += 1) {
    const state = join(folder, `calls-${round}`);
    const service = await Service.open({ learner, state });
    const learned: Promise<unknown>[] = [];
    const saves: Promise<unknown>[] = [];
    for (let k = 0; k < 40; k += 1) {
      learned.push(service.learn(sampleAt(k), k % 3));
      if (k % 8 === round) saves.push(service.save());
      if (k % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(saves);
    // As it would be found after a kill.
    const again = await Service.open({ learner, state });
    expect(again.scores.samples.all).toBe(again.learner.metrics().items);
    await again.close();
    await Promise.all(learned);
    await service.close();
  }
});

it("keeps what others teach while a stream is followed, and the stream's place", async () => {
  const state = join(folder, "both");
  const service = await Service.open({ learner, state });
  let open = () => {};
  const silent = new Promise<void>((resolve) => {
    open = resolve;
  });
  const source = {
    name: "items",
    async *read(after: unknown) {
      for (let k = (after as number | undefined) ?? 0; k < 10; k += 1)
        yield { position: k + 1, x: sampleAt(k), y: k % 3 };
      await silent;
    },
  };
  const following = follow(service, { sources: [source], every: { items: 1000 } });
  await expect.poll(() => following.counts.messages).toBe(10);
  await service.learn(sampleAt(3), 0);
  await service.predict(sampleAt(4), "late");
  await service.save();
  const again = await Service.open({ learner, state });
  expect(again.positionOf("items")).toBe(10);
  expect(again.learner.metrics().items).toBe(11);
  expect(again.waiting.has("late")).toBe(true);
  await again.close();
  open();
  await following.ended;
  await service.close();
});

it("closes, and frees its folder, where the last checkpoint cannot be written", async () => {
  const state = join(folder, "unwritten");
  const service = await Service.open({ learner, state });
  const server = await serve(service, { port: 0 });
  expect(existsSync(join(state, "service.lock"))).toBe(true);
  service.saveThrough(() => Promise.reject(new Error("what is followed has failed")));
  await expect(shutDown(server, service, 2000)).rejects.toThrow("what is followed has failed");
  expect(existsSync(join(state, "service.lock"))).toBe(false);
  await expect(service.learner.predict(sampleAt(0))).rejects.toThrow();
});
