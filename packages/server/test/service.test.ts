import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Service } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-service-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = {
  learner: {
    model: [{ class_name: "Dense", config: { units: 3 } }],
    inputShape: [4],
    classes: 3,
    batch: 2,
    arrivalInterval: "1ms",
    clock: { kind: "virtual" },
  },
  state: join(folder, "state"),
} as const;

it("learns what it has predicted when the label comes, and goes on after a restart", async () => {
  const service = await Service.open(options);
  const { id, probabilities } = await service.predict(new Float32Array([1, 0, 0, 0]));
  expect(probabilities).toHaveLength(3);
  expect(await service.label(id, 2)).toBe(true);
  expect(await service.label(id, 2)).toBe(false);
  service.moveTo("items", 7);
  await service.save();
  const parameters = service.learner.parameters();
  await service.close();

  const again = await Service.open(options);
  expect(again.positionOf("items")).toBe(7);
  expect(again.learner.parameters()).toEqual(parameters);
  await again.close();
});
