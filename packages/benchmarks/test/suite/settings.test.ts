import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { builtInModels } from "@ferret-ocl/pipeline";
import { describe, expect, it } from "vitest";
import { datasetNames, loadDataset } from "../../src/datasets/registry.js";
import { createStream, orderNames } from "../../src/streams/registry.js";
import { settingStates } from "../../src/suite/at-hand.js";
import { paperSettings, standIns } from "../../src/suite/settings.js";
import { inputErrorOf } from "../datasets-encode.js";
import { sampleplace } from "../sample-files.js";

const { folder, copy, options, cacheDir } = sampleplace();

describe("the paper's settings", () => {
  it("are twenty, of the data sets and models that its tables name", () => {
    const names = new Set(paperSettings.map(({ name }) => name));
    expect([paperSettings.length, names.size]).toEqual([20, 20]);
    const counted = (model: string) => paperSettings.filter((each) => each.model === model).length;
    // Section 11 of the design: 5 with MNISTNet, 10 with ConvNet, 2 each with ResNet and MobileNet, 1 MLP.
    expect(["mnistnet", "convnet", "resnet18", "mobilenet", "mlp"].map(counted)).toEqual([
      5, 10, 2, 2, 1,
    ]);
    expect(paperSettings.filter(({ order }) => order === "split")).toHaveLength(6);
    for (const setting of [...paperSettings, ...standIns]) {
      expect(datasetNames).toContain(setting.dataset);
      expect(Object.keys(builtInModels)).toContain(setting.model);
      expect(orderNames).toContain(setting.order);
      expect(setting.name.startsWith("Split-")).toBe(setting.order === "split");
    }
  });

  it("tell what is here, and of all else what goes where", async () => {
    const dataDir = join(folder, "data");
    mkdirSync(dataDir);
    for (const name of ["svhn", "tiny-imagenet-200", "core50", "clear10"])
      copy(name, `data/${name}`);
    const states = await settingStates({ dataDir, cacheDir });
    expect(states).toHaveLength(23);
    const here = states.filter(({ data }) => data.isAtHand).map(({ setting }) => setting.name);
    expect(here).toEqual([
      "SVHN/ConvNet",
      "Tiny-ImageNet/ConvNet",
      "CORe50/ConvNet",
      "CORe50-iid/ConvNet",
      "Split-SVHN/ConvNet",
      "Split-Tiny-ImageNet/ConvNet",
      "CLEAR10/ResNet",
      "CLEAR10/MobileNet",
      "glyphs/MNISTNet",
      "Split-glyphs/MNISTNet",
      "Rotating-glyphs/MNISTNet",
    ]);
    for (const { data } of states.filter(({ data }) => !data.isAtHand)) {
      expect(data.folder).toMatch(dataDir);
      expect(data.needs).not.toBe("");
      expect(data.page).toMatch(/^https?:\/\/[\w.-]+\/?/);
      const message = await inputErrorOf(loadDataset(data.dataset, { ...options, dataDir }));
      expect(message).toContain(data.folder);
      expect(message).toContain(data.page);
    }
  });

  it("become streams of what is here, each sample once", async () => {
    const dataDir = join(folder, "data");
    for (const { setting, data } of await settingStates({ dataDir, cacheDir })) {
      if (!data.isAtHand || data.dataset === "glyphs") continue;
      const dataset = await loadDataset(setting.dataset, { ...options, seed: 0, dataDir });
      const stream = createStream(dataset, { order: setting.order, batch: 1, seed: 0 });
      expect(stream.itemCount).toBe(dataset.train.count);
      const seen = Array.from({ length: stream.itemCount }, (_, item) => stream.sampleAt(item, 0));
      expect(seen.sort((left, right) => left - right)).toEqual([...seen.keys()]);
      const x = new Float32Array(stream.inputLength);
      const labels = new Int32Array(1);
      stream.readItem(0, x, labels);
      expect(x.every(Number.isFinite) && x.some((value) => value !== 0)).toBe(true);
      builtInModels[setting.model]!(dataset.train.inputShape, dataset.train.classes);
    }
  });
});
