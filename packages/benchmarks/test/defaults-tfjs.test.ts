import { describe, it } from "vitest";
import { loadMachinery } from "../src/machinery.js";
import {
  compensations,
  everyKindPath,
  layerModelsFor,
  modelWeights,
  runOnDefaults,
} from "./defaults.js";

const tfjs = await loadMachinery("tfjs");

describe("tfjs, all options at their defaults", () => {
  describe.each(compensations)("%s", (compensation) => {
    it.each(layerModelsFor(compensation))("%s, virtual", (_, model) =>
      runOnDefaults({ model, compensation, engine: "virtual" }, tfjs),
    );

    it("every kind of layer, virtual", () =>
      runOnDefaults({ model: everyKindPath, compensation, engine: "virtual" }, tfjs));

    // Threads load tfjs anew for each run, which takes longer than what they compute.
    if (["auto", "none", "secant"].includes(compensation))
      it("every kind of layer, threads", () =>
        runOnDefaults({ model: everyKindPath, compensation, engine: "threads" }, tfjs));

    // Left out for time: heavy models with a compensation that is not the default.
    it.each(modelWeights.filter(({ isHeavy }) => !isHeavy || compensation === "auto"))(
      "$model, virtual",
      ({ model, isHeavy }) =>
        runOnDefaults({ model, compensation, engine: "virtual", items: isHeavy ? "2" : "4" }, tfjs),
    );
  });

  it.each(modelWeights.filter(({ isHeavy }) => !isHeavy))("$model, auto, threads", ({ model }) =>
    runOnDefaults({ model, compensation: "auto", engine: "threads" }, tfjs),
  );
});
