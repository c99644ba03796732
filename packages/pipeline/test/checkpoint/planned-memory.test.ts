// Threads start from built JavaScript, so this test uses the package as others do.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { createLearner, openLearner } from "@ferret-ocl/pipeline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inputLength, layers, stripes } from "../learner/stripes.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-planned-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const batch = 8;
const clocks = [
  ["threads", { clock: { kind: "threads", count: 2 }, whenBusy: "drop" }],
  ["the virtual clock", { clock: { kind: "virtual" }, arrivalInterval: 6e-5 }],
] as const;

describe("checkpoints", () => {
  it.each(
    clocks.flatMap(([on, way]) => algorithmNames.map((algorithm) => ({ on, way, algorithm }))),
  )("leave memory as planned to the byte: $algorithm on $on", async ({ way, algorithm }) => {
    const learner = await createLearner({
      model: layers,
      inputShape: [inputLength],
      batch,
      algorithm,
      ...way,
    });
    for (let round = 0; round < 3; round++) {
      const calls: Promise<unknown>[] = [learner.save(folder)];
      for (let item = 0; item < 6; item++) {
        const { x, y } = stripes(6 * round + item, batch);
        calls.push(learner.observe(x, y));
      }
      await Promise.all(calls);
    }
    const { memory, memoryHeld } = learner.metrics();
    expect(memory.total).toBe(learner.plan.memory.total);
    expect(memoryHeld.total).toBe(learner.plan.memory.total);
    await learner.save(folder);
    await learner.dispose();
    const again = await openLearner(folder);
    expect(again.metrics().memory.total).toBe(again.plan.memory.total);
    await again.dispose();
  });
});
