import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInModels, parseModel } from "@ferret-ocl/pipeline";
import { parseProfile } from "@ferret-ocl/planner";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadMachinery } from "../src/machinery.js";
import { measuredProfile } from "../src/profile-cache.js";

const { runtime, kernels } = await loadMachinery();
const model = parseModel(builtInModels.mlp([6], 3));
const sizes = { model, runtime, kernels, batch: 2, learnBatch: 2 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-profiles-"));
  vi.stubEnv("FERRET_CACHE_DIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const files = () => readdirSync(join(folder, "profiles"));

it("measures a model once, and gives the same times from then on", () => {
  const first = measuredProfile(sizes);
  expect(parseProfile(first).timing).toBe("measured");
  expect(first.layers.every(({ spread }) => spread !== undefined && spread >= 0)).toBe(true);
  expect(measuredProfile(sizes)).toEqual(JSON.parse(JSON.stringify(first)));
  expect(files().length).toBe(1);
});

it("keeps batches and models apart, and measures anew when asked", () => {
  const first = measuredProfile(sizes);
  measuredProfile({ ...sizes, batch: 3, learnBatch: 3 });
  measuredProfile({ ...sizes, model: parseModel(builtInModels.mlp([7], 3)) });
  expect(files().length).toBe(3);
  const fresh = measuredProfile({ ...sizes, fresh: true });
  expect(files().length).toBe(3);
  expect(fresh.sequentialTime).not.toBe(first.sequentialTime);
  expect(measuredProfile(sizes).sequentialTime).toBe(fresh.sequentialTime);
});

it("measures anew where the file is damaged", () => {
  measuredProfile(sizes);
  const file = join(folder, "profiles", files()[0]!);
  for (const text of ["{", '{"version":1}']) {
    writeFileSync(file, text);
    expect(measuredProfile(sizes).layers.length).toBe(model.layers.length);
  }
});
