import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { PeriodicSaves, Service } from "../src/index.js";
import { learner } from "./small-learner.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-saves-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = (state: string) =>
  Service.open({
    learner,
    state,
  });

it("saves what came, once, and where it cannot says why and goes on", async () => {
  const state = join(folder, "state");
  const service = await open(state);
  const failures: unknown[] = [];
  const saves = new PeriodicSaves(service, 20, (error) => failures.push(error));
  const files = () => {
    try {
      return readdirSync(state)
        .filter((name) => name.endsWith(".json"))
        .sort();
    } catch {
      return [];
    }
  };
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(files()).toEqual([]);
  await service.learn([1, 0, 0, 0], 2);
  await expect.poll(files).toHaveLength(1);
  const first = files();
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Nothing has come since.
  expect(files()).toEqual(first);
  await service.predict([0, 1, 0, 0]);
  await expect.poll(files).toHaveLength(2);
  await saves.stop();
  const parameters = service.learner.parameters();
  // Nobody closes it, as where it is killed.
  const again = await open(state);
  expect(again.learner.parameters()).toEqual(parameters);
  expect(again.waiting.count).toBe(1);
  await again.close();

  service.save = () => Promise.reject(new Error("no room"));
  const failing = new PeriodicSaves(service, 20, (error) => failures.push(error));
  await service.learn([1, 0, 0, 0], 2);
  await expect.poll(() => failures.length).toBeGreaterThan(1);
  await failing.stop();
  expect(String(failures[0])).toContain("no room");
  await service.close();
  expect(() => new PeriodicSaves(service, 0, () => {})).toThrow("every");
});
