import { describe, expect, it } from "vitest";
import { loadKernels, type NativeStageLayer } from "../src/index.js";

// What the addon must refuse, whatever JavaScript hands it: each of these once ended the process,
// or wrote where it should not.

const { kernels, programs, report } = loadKernels();

const dense = (inputs: number, units: number): NativeStageLayer => ({
  kind: "dense",
  inputShape: [inputs],
  outputShape: [units],
});
const block = (...main: readonly NativeStageLayer[]): NativeStageLayer => ({
  kind: "residual",
  inputShape: [4],
  outputShape: [4],
  main,
});
const window = (
  kind: NativeStageLayer["kind"],
  inputShape: readonly number[],
  outputShape: readonly number[],
  kernel: readonly [number, number],
  rest: Partial<NativeStageLayer> = {},
): NativeStageLayer => ({ kind, inputShape, outputShape, kernel, ...rest });

const compile = (layers: unknown, batch: unknown = 1, mode: unknown = "learn") =>
  programs!.compile(layers as NativeStageLayer[], batch as number, mode as "learn");
const single = (layer: object) => compile([layer]);

describe.skipIf(!programs)("stage programs refuse", () => {
  const holding: NativeStageLayer[] = [];
  holding.push({ ...block(), main: holding });
  let deep = dense(4, 4);
  for (let depth = 0; depth < 40; depth++) deep = block(deep);
  const flat = dense(4, 4);
  const same = { before: [7, 7], after: [7, 7] } as const;

  it.each<[string, () => void]>([
    [
      "Expected [4] for layers[1].inputShape but received [5]",
      () => compile([dense(3, 4), dense(5, 2)]),
    ],
    [
      "Expected [3] for layers[0].main[1].inputShape but received [4]",
      () => single(block(dense(4, 3), flat)),
    ],
    [
      "Expected [4] for layers[0].main[0].outputShape but received [3]",
      () => single(block(dense(4, 3))),
    ],
    [
      "Expected [4] for layers[0].shortcut[0].inputShape but received [2]",
      () => single({ ...block(flat), shortcut: [dense(2, 4)] }),
    ],
    [
      "Expected [5] for layers[0].outputShape but received [4]",
      () => single({ ...block(dense(5, 4)), inputShape: [5] }),
    ],
    ["Expected at least one layer for layers[0].main but received none", () => single(block())],
    [
      "Expected an array of layers for layers[0].main but received undefined",
      () => single({ ...block(), main: undefined }),
    ],
    ["Expected residual blocks at most 32 deep but received", () => compile(holding)],
    ["Expected residual blocks at most 32 deep but received", () => single(deep)],
    [
      "Expected at most 10000 layers but received more up to layers",
      () => compile(Array(10_001).fill(flat)),
    ],
    [
      "Expected at most 10000 layers but received more up to layers",
      () => {
        const wide = block(...Array<NativeStageLayer>(200).fill(flat));
        single(block(...Array<NativeStageLayer>(60).fill(wide)));
      },
    ],
    ["Expected a layer for layers[0] but received null", () => compile([null])],
    ["Expected a layer for layers[0] but received undefined", () => compile(new Array(3))],
    [
      "Expected an array of layers for layers but received an object of type Object",
      () => compile({ length: 2 }),
    ],
    ["Expected one of dense, conv2d", () => single({ ...flat, kind: "lstm" })],
    [
      "Expected a whole number from 1 to 2147483647 for layers[0].inputShape[0] but received 4.5",
      () => single({ ...flat, inputShape: [4.5] }),
    ],
    [
      "Expected a whole number from 1 to 2147483647 for layers[0].outputShape[0] but received -4",
      () => single({ ...flat, outputShape: [-4] }),
    ],
    [
      "Expected [features] or [height, width, channels] for layers[0].inputShape",
      () => single({ ...flat, inputShape: [2, 2] }),
    ],
    [
      "Expected a whole number from 1 to 2147483647 for layers[0].strides[0] but received 0",
      () =>
        single(window("maxPooling2d", [4, 4, 1], [3, 3, 1], [2, 2], { strides: [0, 1] as never })),
    ],
    [
      "Expected [3, 3, 2] for layers[0].outputShape but received [4, 3, 2]",
      () => single(window("conv2d", [4, 4, 1], [4, 3, 2], [2, 2])),
    ],
    [
      "Expected [3, 3, 4] for layers[0].outputShape but received [4, 3, 4]",
      () => single(window("depthwiseConv2d", [4, 4, 2], [4, 3, 4], [2, 2])),
    ],
    [
      "Expected a multiple of the input's 2 channels for layers[0].outputShape but received 3",
      () => single(window("depthwiseConv2d", [4, 4, 2], [3, 3, 3], [2, 2])),
    ],
    [
      "Expected at most 4 rows for layers[0].kernel but received 5",
      () => single(window("conv2d", [4, 4, 1], [1, 3, 1], [3, 2], { dilations: [2, 1] })),
    ],
    [
      "Expected a number that divides all channels for layers[0].groups but received 2",
      () => single(window("conv2d", [4, 4, 2], [3, 3, 3], [2, 2], { groups: 2 })),
    ],
    [
      "Expected one group for layers[0].groups but received 2",
      () => single(window("maxPooling2d", [4, 4, 2], [3, 3, 2], [2, 2], { groups: 2 })),
    ],
    [
      "Expected a window without gaps for layers[0].dilations",
      () => single(window("maxPooling2d", [4, 4, 2], [2, 3, 2], [2, 2], { dilations: [2, 1] })),
    ],
    [
      "Expected one told from outputs for layers[0].activation but received gelu",
      () => single({ ...dense(2, 2), activation: "gelu" }),
    ],
    [
      "Expected less than 1 for layers[0].rate but received 1",
      () => single({ kind: "dropout", inputShape: [4], outputShape: [4], rate: 1 }),
    ],
    [
      "Expected a finite number of at least 0 for layers[0].activation.alpha but received -1",
      () => single({ ...dense(2, 2), activation: { name: "elu", alpha: -1 } }),
    ],
    [
      "Expected at most 4 rows for layers[0].kernel but received 5",
      () => single(window("conv2d", [4, 4, 1], [1, 3, 1], [5, 2])),
    ],
    [
      "Expected less padding than the kernel's 2 rows for layers[0].before but received 2",
      () => single(window("averagePooling2d", [4, 4, 1], [5, 3, 1], [2, 2], { before: [2, 0] })),
    ],
    [
      "Expected [12] for layers[0].outputShape but received [11]",
      () => single({ kind: "flatten", inputShape: [2, 3, 2], outputShape: [11] }),
    ],
    [
      "Expected [2] for layers[0].outputShape but received [3]",
      () => single({ kind: "globalAveragePooling2d", inputShape: [2, 3, 2], outputShape: [3] }),
    ],
    [
      "Expected [4] for layers[0].outputShape but received [5]",
      () => single({ kind: "batchNormalization", inputShape: [4], outputShape: [5] }),
    ],
    [
      "Expected linear for layers[0].activation but received another one",
      () => single({ kind: "flatten", inputShape: [4], outputShape: [4], activation: "relu" }),
    ],
    [
      "Expected a number from 0 to 1 for layers[0].momentum but received NaN",
      () =>
        single({ kind: "batchNormalization", inputShape: [4], outputShape: [4], momentum: NaN }),
    ],
    ["Expected one of learn, predict for mode", () => compile([flat], 1, "train")],
    ["Expected at least one layer but received none", () => compile([])],
    // Byte counts that overflow, or that oneDNN's 32 bits do not hold.
    ...[0, -1, 1.5, NaN, Infinity, 2 ** 31, 2 ** 53, 1n, "1"].map((batch): [string, () => void] => [
      "Expected a whole number from 1 to 2147483647 for batch",
      () => compile([flat], batch),
    ]),
    [
      "Expected a batch of less than 2 GiB for layers[0].inputShape",
      () => compile([flat], 2 ** 30),
    ],
    [
      "Expected a batch of less than 2 GiB for layers[0].inputShape",
      () => single({ kind: "activation", inputShape: [2e9, 2e9, 2e9], outputShape: [1] }),
    ],
    [
      "Expected a kernel of at most 68719476736 bytes for layers[0] but received a larger one",
      () => single(dense(2 ** 28, 2 ** 28)),
    ],
    // oneDNN writes beside its buffers for these, were they ever run.
    [
      "Expected at most 9 columns for layers[0].kernel but received 11 over 7; oneDNN writes beside",
      () =>
        single(
          window("conv2d", [20, 7, 1], [20, 7, 1], [15, 11], {
            ...same,
            before: [7, 5],
            after: [7, 5],
          }),
        ),
    ],
    [
      "Expected at most 10 rows for layers[0].kernel but received 15 over 10; oneDNN writes beside",
      () => single(window("depthwiseConv2d", [10, 20, 3], [10, 20, 3], [15, 15], same)),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(message);
  });

  it("no small kernel on a small map, and no large one on a map that is larger", () => {
    const small = { before: [4, 4], after: [4, 4] } as const;
    single(window("depthwiseConv2d", [2, 1, 18], [2, 1, 18], [9, 9], small));
    single(window("conv2d", [15, 16, 1], [1, 2, 4], [15, 15]));
    single(window("conv2d", [2, 2, 3], [6, 6, 4], [1, 1], { before: [2, 2], after: [2, 2] }));
  });
});

describe.skipIf(report.chosen !== "cpu")("the addon refuses", () => {
  const { StageProgram, programForward } = kernels as unknown as {
    StageProgram: new (layers: readonly NativeStageLayer[], batch: number, mode: string) => object;
    programForward: (...call: unknown[]) => void;
  };
  const three = () => new Float32Array(3);

  it.skipIf(!programs)("another object in the place of a program", () => {
    const others = [{}, null, 3, StageProgram, three(), new Proxy(compileOne(), {})];
    for (const other of others)
      expect(() => programForward(other, three(), three(), null, three(), three())).toThrow(
        "Expected a StageProgram for program but received something else",
      );
    expect(() => programForward()).toThrow("Expected a StageProgram");
  });
  const compileOne = () => new StageProgram([dense(3, 3)], 1, "learn");

  it.skipIf(!programs)("a draw that is no whole number up to 2^53", () => {
    const program = compile([{ kind: "dropout", inputShape: [3], outputShape: [3], rate: 0.5 }]);
    const run = (draw: unknown) =>
      program.forward(
        three(),
        three(),
        null,
        three(),
        new Uint8Array(program.scratchBytes),
        draw as number,
      );
    for (const draw of [-1, 0.5, NaN, Infinity, 2 ** 53 + 2, "1", 1n, null])
      expect(() => run(draw)).toThrow("Expected a whole number from 0 to 2^53 for draw");
    for (const draw of [undefined, 0, 2 ** 53]) run(draw);
  });

  it.skipIf(!programs)("bytes that begin between two floats", () => {
    const program = compile([dense(3, 3)], 4);
    const bytes = new Uint8Array(program.scratchBytes + 4);
    const run = (scratch: Uint8Array) =>
      program.forward(
        new Float32Array(9),
        new Float32Array(12),
        null,
        new Float32Array(12),
        scratch,
      );
    expect(() => run(bytes.subarray(1))).toThrow(
      "Expected bytes from a multiple of 4 on for scratch but received some that begin between",
    );
    run(bytes.subarray(4));
  });

  it("arrays that a getter takes away while the call is read", () => {
    const gradient = three();
    const versions = [three(), three()];
    Object.defineProperty(versions, 1, {
      get: () => {
        structuredClone(gradient.buffer, { transfer: [gradient.buffer] });
        return three();
      },
    });
    expect(() => kernels.iterativeFisher(gradient, versions, 1)).toThrow(
      "Expected 0 elements for versions but received 3",
    );
  });

  it("arrays that a getter resizes while the call is read", () => {
    const resizable = ArrayBuffer as unknown as new (
      bytes: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer & { resize(bytes: number): void };
    const buffer = new resizable(4096, { maxByteLength: 65536 });
    const gradient = new Float32Array(buffer);
    const versions = [new Float32Array(1024)];
    Object.defineProperty(versions, 1, {
      enumerable: true,
      get: () => {
        buffer.resize(16);
        return new Float32Array(1024);
      },
    });
    expect(() => kernels.iterativeFisher(gradient, versions, 1)).toThrow(
      "Expected 4 elements for versions but received 1024",
    );
  });

  it("what a getter throws comes through", () => {
    const versions = Object.defineProperty([three()], 0, {
      get: () => {
        throw new RangeError("mine");
      },
    });
    expect(() => kernels.iterativeFisher(three(), versions, 1)).toThrow(new RangeError("mine"));
  });
});
