import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInModels, parseModel, profileModel } from "@ferret-ocl/pipeline";
import { describe, expect, it } from "vitest";
import { loadMachinery } from "../src/machinery.js";
import { loadProfile, prepareModel } from "../src/prepare.js";

it("a profile of a file gives every time that it tells, as much longer as more is learned", async () => {
  const machinery = await loadMachinery();
  const { runtime } = machinery;
  const model = parseModel(builtInModels.mlp([6], 3));
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

  const { layers } = loadProfile({ timing: { profile: file }, batch: 2 }, model, machinery, 4, 2);
  expect(layers).toEqual(
    here(4).layers.map((layer, index) => ({
      ...layer,
      forwardTime: 2,
      backwardTime: 6,
      ...(index === 0 ? { backwardInputTime: 1, backwardWeightsTime: 5.5 } : {}),
    })),
  );
});

describe("a profile of another model", () => {
  const layer = (class_name: string, config: object) => ({ class_name, config });
  const small = [
    layer("Dense", { name: "a", units: 4, batch_input_shape: [null, 6] }),
    layer("Dense", { name: "b", units: 3 }),
  ];
  const modelOf = (layers: object[]) =>
    parseModel({ class_name: "Sequential", config: { name: "small", layers } });
  const cases: [string, object[], number, RegExp][] = [
    [
      "wider",
      [{ ...small[0], config: { ...small[0]!.config, units: 400 } }, small[1]!],
      2,
      /layer a has bytes of parameters: 11200 instead of 112/,
    ],
    [
      "of other names",
      [small[0]!, { ...small[1], config: { ...small[1]!.config, name: "c" } }],
      2,
      /layer 1 is c instead of b/,
    ],
    [
      "of other inputs",
      [{ ...small[0], config: { ...small[0]!.config, batch_input_shape: [null, 60] } }, small[1]!],
      2,
      /its items have bytes of input: 512 instead of 64/,
    ],
    ["of fewer layers", [small[0]!], 2, /its number of layers is 1 instead of 2/],
    ["of other batches", small, 5, /its batch is 5 instead of 2/],
  ];
  it.each(cases)("is refused where it is %s", async (_, layers, batch, message) => {
    const machinery = await loadMachinery();
    const { runtime } = machinery;
    const told = profileModel({ model: modelOf(layers), runtime, batch, timing: "model" });
    const file = join(mkdtempSync(join(tmpdir(), "ferret-profile-")), "profile.json");
    writeFileSync(file, JSON.stringify(told));
    const load = (learnBatch: number, itemLearnBatch?: number) =>
      loadProfile(
        { timing: { profile: file }, batch: 2 },
        modelOf(small),
        machinery,
        learnBatch,
        itemLearnBatch,
      );
    expect(() => load(2)).toThrow(message);
    expect(() => load(4, 2)).toThrow(message);
  });

  it("is refused where another batch is learned", async () => {
    const machinery = await loadMachinery();
    const { runtime } = machinery;
    const model = modelOf(small);
    const told = profileModel({ model, runtime, batch: 2, learnBatch: 6, timing: "model" });
    const file = join(mkdtempSync(join(tmpdir(), "ferret-profile-")), "profile.json");
    writeFileSync(file, JSON.stringify(told));
    const setting = { timing: { profile: file }, batch: 2 };
    expect(() => loadProfile(setting, model, machinery, 4)).toThrow(
      "its learned batch is 6 instead of 4",
    );
    expect(loadProfile(setting, model, machinery, 6).learnBatch).toBe(6);
  });
});

describe("the file of a model", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferret-model-"));
  const nothing = () => {
    throw new Error("nothing is read");
  };
  const data = { inputShape: [6], classes: 3, count: 0, read: nothing, label: nothing };
  const specification = {
    class_name: "Sequential",
    config: {
      layers: [
        {
          class_name: "Dense",
          config: { units: 3, batch_input_shape: [null, 6], kernel_initializer: "orthogonal" },
        },
      ],
    },
  };
  const write = (name: string, content: unknown) => {
    const file = join(folder, name);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };

  it.each([
    ["network.h5", /an HDF5 file of Keras; write it as a LayersModel/],
    ["network.keras", /a Keras archive; write it as a LayersModel/],
    ["network.npz", /an archive of NumPy; write its arrays as safetensors/],
    ["network.onnx", /an ONNX file; export its weights/],
    ["network.pb", /a SavedModel of TensorFlow; load it in Keras/],
    ["network.tflite", /a TensorFlow Lite file; take the model/],
    ["network.pth", /a PyTorch file; write its weights as safetensors/],
  ])("of another tool is converted first: %s", (name, message) => {
    // There or not, and whatever it begins with.
    expect(() => prepareModel(write(`zip-${name}`, "PK\x03\x04...."), data)).toThrow(message);
    expect(() => prepareModel(join(folder, name), data)).toThrow(message);
    expect(() => prepareModel(write(name, "anything"), data)).toThrow(message);
  });

  it("may begin with a byte order mark", () => {
    const file = write("marked.json", `\uFEFF${JSON.stringify(specification)}`);
    // It is read as far as what this model asks for.
    expect(() => prepareModel(file, data)).toThrow(/received "orthogonal"/);
  });

  it("draws its parameters by initialisers that are known, unless they are given", () => {
    const file = write("odd.json", specification);
    expect(() => prepareModel(file, data)).toThrow(/initialiser .*odd\.json/);
    expect(() => prepareModel(file, data, { weights: join(folder, "none") })).toThrow(
      "none cannot be read",
    );
  });

  it("says a name once, and comes to an end", () => {
    const twice = '{"class_name": "Sequential", "class_name": "Functional", "config": {}}';
    expect(() => prepareModel(write("twice.json", twice), data)).toThrow('"class_name" twice');
    expect(() => prepareModel(write("deep.json", "[".repeat(6000)), data)).toThrow("64 deep");
    expect(() => prepareModel("/dev/zero", data)).toThrow("is a device or a pipe");
  });

  it("is not taken for the built-in model whose name it has", () => {
    const place = process.cwd();
    try {
      process.chdir(folder);
      mkdirSync("mlp");
      expect(prepareModel("mlp", data).model.name).toBe("mlp");
      write(join("mlp", "model.json"), {});
      expect(() => prepareModel("mlp", data)).toThrow("write ./mlp for the saved one");
    } finally {
      process.chdir(place);
    }
  });
});
