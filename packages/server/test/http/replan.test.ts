import { expect, it } from "vitest";
import { learner, sampleAt, serving } from "./serving.js";

it("goes on answering while it plans anew on threads, and keeps every budget", async () => {
  const { ask, service } = await serving({
    learner: {
      ...learner,
      model: "mlp",
      memoryBudget: "8MiB",
      clock: { kind: "threads", count: 1 },
      timing: "model",
      whenBusy: "wait",
    },
  });
  let isPlanning = true;
  let answers = 0;
  const keepAsking = async (path: string, body: (k: number) => object) => {
    for (let k = 0; isPlanning; k++) {
      const { status, text } = await ask(path, body(k));
      expect([text, status]).toEqual([text, 200]);
      answers++;
    }
  };
  const asking = Promise.all([
    keepAsking("/predict", (k) => ({ x: sampleAt(k) })),
    keepAsking("/learn", (k) => ({ x: sampleAt(k), y: k % 3 })),
  ]);
  for (const memoryBudget of ["3MiB", "6MiB", "min", "8MiB"]) {
    const before = answers;
    const { status, json } = await ask("/plan", { memoryBudget });
    expect([memoryBudget, status]).toEqual([memoryBudget, 200]);
    const { memoryHeld } = service.learner.metrics();
    expect(memoryHeld.total + service.waiting.plannedBytes).toBe(json.memory.total);
    if (memoryBudget !== "min") expect(json.memory.total).toBeLessThanOrEqual(json.memoryBudget);
    expect(answers).toBeGreaterThan(before);
  }
  isPlanning = false;
  await asking;
  expect(service.learner.switches().length).toBe(4);
  const { items, dropped } = service.learner.metrics();
  expect([items > 0, dropped]).toEqual([true, 0]);
});

it("takes a time between items back", async () => {
  const { ask, service } = await serving({
    learner: {
      ...learner,
      arrivalInterval: undefined,
      clock: { kind: "threads", count: 1 },
      timing: "model",
    } as unknown as typeof learner,
  });
  const usual = service.learner.plan.arrivalInterval;
  expect((await ask("/plan", { arrivalInterval: "70ms" })).json.arrivalInterval).toBe(70);
  const back = await ask("/plan", { arrivalInterval: null });
  expect([back.status, back.json.arrivalInterval]).toEqual([200, usual]);
});

it("has no time between items to fall back to on the virtual clock, and says so", async () => {
  const { ask } = await serving();
  const { status, json } = await ask("/plan", { arrivalInterval: null });
  expect(status).toBe(400);
  expect(json.error).toMatch(/a duration such as 5ms, with the virtual clock, for arrivalInterval/);
});
