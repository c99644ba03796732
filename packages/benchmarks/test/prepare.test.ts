import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseModel, profileModel } from "@ferret-ocl/pipeline";
import { expect, it } from "vitest";
import { loadMachinery } from "../src/machinery.js";
import { mlp } from "../src/models/mlp.js";
import { loadProfile } from "../src/prepare.js";

it("a profile of a file gives every time that it tells, as much longer as more is learned", async () => {
  const { runtime } = await loadMachinery();
  const model = parseModel(mlp([6], 3));
  const here = (learnBatch: number) =>
    profileModel({ model, runtime, batch: 2, learnBatch, timing: "model" });
  const file = join(mkdtempSync(join(tmpdir(), "ferret-profile-")), "profile.json");
  const told = here(2).layers.map((layer, index) => ({
    ...layer,
    forwardTime: 1,
    backwardTime: 3,
    ...(index === 0 ? { backwardInputTime: 0.5, backwardWeightsTime: 2.75 } : {}),
  }));
  writeFileSync(file, JSON.stringify({ ...here(2), layers: told }));

  const { layers } = loadProfile({ timing: { profile: file }, batch: 2 }, model, runtime, 4, 2);
  expect(layers).toEqual(
    here(4).layers.map((layer, index) => ({
      ...layer,
      forwardTime: 2,
      backwardTime: 6,
      ...(index === 0 ? { backwardInputTime: 1, backwardWeightsTime: 5.5 } : {}),
    })),
  );
});
