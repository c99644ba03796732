import { describe, it } from "vitest";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import {
  compensations,
  everyKindPath,
  isForHeavy,
  layerModelsFor,
  modelWeights,
  runOnDefaults,
} from "./defaults.js";

/** Undefined without the native build, which tfjs stands in for everywhere. */
const machinery = await loadMachinery("native").catch(() => undefined);
const native = machinery as Machinery;

describe.skipIf(!machinery)("native programs, all options at their defaults", () => {
  describe.each(compensations)("%s", (compensation) => {
    it.each(layerModelsFor(compensation))("%s, virtual", (_, model) =>
      runOnDefaults({ model, compensation, engine: "virtual" }, native),
    );

    it.each(modelWeights.filter(({ isHeavy }) => !isHeavy || isForHeavy(compensation)))(
      "$model, virtual",
      ({ model, isHeavy }) =>
        runOnDefaults(
          { model, compensation, engine: "virtual", items: isHeavy ? "2" : "4" },
          native,
        ),
    );

    it("every kind of layer, threads", () =>
      runOnDefaults({ model: everyKindPath, compensation, engine: "threads" }, native));

    // Left out for time: heavy models on threads with a compensation that is not the default.
    it.each(modelWeights.filter(({ isHeavy }) => !isHeavy || compensation === "auto"))(
      "$model, threads",
      ({ model }) => runOnDefaults({ model, compensation, engine: "threads" }, native),
    );
  });
});
