import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError, loadSafetensors, saveSafetensors } from "../../src/index.js";
import { readFloats } from "../../src/model/files/floats.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-safetensors-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file as the format's own description has it. */
function write(header: unknown, values: Uint8Array, headerBytes?: number): string {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes ?? text.length));
  const file = join(folder, "file.safetensors");
  writeFileSync(file, Buffer.concat([length, text, values]));
  return file;
}

const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe("loadSafetensors", () => {
  it("reads floats of all widths, wherever they lie", () => {
    // 1, -2.5, 65504 (the largest half), 2^-24 (the smallest), as IEEE 754 and bfloat16 have them.
    const file = write(
      {
        __metadata__: { format: "pt" },
        // An odd length of the header puts the values at any address.
        "bfloat16 ": entry("BF16", [2], 16, 20),
        half: entry("F16", [2, 2], 8, 16),
        single: entry("F32", [2], 0, 8),
        scalar: entry("I64", [], 20, 28),
        double: entry("F64", [1], 28, 36),
      },
      Uint8Array.of(
        ...[0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0],
        ...[0, 0x3c, 0, 0xc1, 0xff, 0x7b, 1, 0],
        ...[0x80, 0x3f, 0x20, 0xc0],
        ...[7, 0, 0, 0, 0, 0, 0, 0],
        ...new Uint8Array(Float64Array.of(-0.1).buffer),
      ),
    );
    const tensors = loadSafetensors(file);
    const floats = (name: string) => [...readFloats(name, tensors.get(name)!)];
    expect(floats("single")).toEqual([1, -2.5]);
    expect(floats("half")).toEqual([1, -2.5, 65504, 2 ** -24]);
    expect(floats("double")).toEqual([Math.fround(-0.1)]);
    expect(tensors.get("half")?.shape).toEqual([2, 2]);
    expect(floats("bfloat16 ")).toEqual([1, -2.5]);
    expect(() => floats("scalar")).toThrow(
      "tensor scalar of type F32, F16, BF16 or F64 but it is I64",
    );
  });

  const eight = new Uint8Array(8);
  it.each([
    ["a length and no more", "{}", eight.subarray(0, 0), 100, "should have 100 of its 10 bytes"],
    ["a huge header", "{}", eight, 2 ** 40, "should have 1099511627776"],
    ["no JSON", "{x", eight, undefined, "not a JSON object"],
    ["a list", "[]", eight, undefined, "not a JSON object"],
    ["values that are cut off", { a: entry("F32", [4], 0, 16) }, eight, undefined, "tensor a ends"],
    ["a wrong size", { a: entry("F32", [3], 0, 8) }, eight, undefined, "tensor a, F32 [3]"],
    [
      "an overlap",
      { a: entry("F32", [1], 0, 4), b: entry("F32", [1], 2, 6), c: entry("U16", [1], 6, 8) },
      eight,
      undefined,
      "tensor b begins at byte 2",
    ],
    [
      "a gap",
      { a: entry("F32", [1], 0, 4), b: entry("U16", [1], 6, 8) },
      eight,
      undefined,
      "tensor b begins at byte 6",
    ],
    ["bytes behind", { a: entry("F32", [1], 0, 4) }, eight, undefined, "4 bytes belong to no"],
    ["an unknown type", { a: entry("F31", [2], 0, 8) }, eight, undefined, "tensor a"],
    ["a type of Object", { a: entry("toString", [2], 0, 8) }, eight, undefined, "tensor a"],
    [
      "a name twice",
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      eight,
      undefined,
      'its header has the name "a" twice',
    ],
    ["a header without end", "[".repeat(9000), eight, undefined, "nested more than 64 deep"],
    ["half a byte", { a: entry("F4", [15], 0, 8) }, eight, undefined, "tensor a, F4 [15]"],
    ["a negative size", { a: entry("F32", [-2], 0, 8) }, eight, undefined, "tensor a"],
    ["offsets turned round", { a: entry("F32", [2], 8, 0) }, eight, undefined, "tensor a"],
    ["no offsets", { a: { dtype: "F32", shape: [2] } }, eight, undefined, "tensor a"],
  ])("refuses %s", (_, header, values, headerBytes, message) => {
    const file = write(header, values, headerBytes);
    expect(() => loadSafetensors(file)).toThrow(InputError);
    expect(() => loadSafetensors(file)).toThrow(message);
    expect(() => loadSafetensors(file)).toThrow(file);
  });

  it.each([
    ["C64", [1], "convert it"],
    ["F8_E8M0", [8], "dequantize it"],
    ["F8_E5M2FNUZ", [8], "dequantize it"],
    ["F8_E4M3", [8], "dequantize it"],
    ["F4", [16], "dequantize it"],
    ["I8", [8], "dequantize it"],
    ["U64", [1], "dequantize it"],
    ["BOOL", [8], "convert it"],
  ])(
    "takes %s for a whole file, and says that the model cannot have it",
    (dtype, shape, remedy) => {
      const tensors = loadSafetensors(write({ a: entry(dtype, shape, 0, 8) }, eight));
      const message = `F16, BF16 or F64 but it is ${dtype}; ${remedy}`;
      expect(() => readFloats("a", tensors.get("a")!)).toThrow(message);
    },
  );

  it("names a type that it has never heard of", () => {
    const file = write({ a: entry("F12_X", [1], 0, 8) }, eight);
    expect(() => loadSafetensors(file)).toThrow('of a known type but it is "F12_X"; convert it');
    expect(() => loadSafetensors(file)).not.toThrow("get it again");
  });

  it.each([
    ["weights.h5", [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10], "an HDF5 file of Keras"],
    ["weights.bin", [0x50, 0x4b, 3, 4, 0, 0, 0, 0], "safetensors.torch.save_file"],
    ["old.bin", [0x80, 2, 0x8a, 10, 0, 0, 0, 0], "safetensors.torch.save_file"],
    ["model.keras", [0x50, 0x4b, 3, 4, 0, 0, 0, 0], "a Keras archive"],
    ["model.pt", [1, 2, 3, 4, 5, 6, 7, 8], "safetensors.torch.save_file"],
  ])("says how to convert %s", (name, head, message) => {
    const file = join(folder, name);
    writeFileSync(file, Uint8Array.from(head));
    expect(() => loadSafetensors(file)).toThrow(InputError);
    expect(() => loadSafetensors(file)).toThrow(message);
  });

  it("refuses what may not end", () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const file of [pipe, "/dev/zero"])
      expect(() => loadSafetensors(file)).toThrow("is a device or a pipe");
    expect(() => loadSafetensors(folder)).toThrow("is a folder");
  });

  it("refuses what is no file, or hardly one", () => {
    expect(() => loadSafetensors(join(folder, "none"))).toThrow("none cannot be read");
    const file = join(folder, "short");
    writeFileSync(file, "abc");
    expect(() => loadSafetensors(file)).toThrow("it has 3 bytes");
  });
});

describe("saveSafetensors", () => {
  it("writes what is read again, aligned, and leaves no other file", () => {
    const inner = mkdtempSync(join(folder, "saved-"));
    const file = join(inner, "model.safetensors");
    const tensors = new Map([
      ["a/kernel", { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }],
      ["näme", { shape: [1], values: new Float32Array([9, 5, 9]).subarray(1, 2) }],
    ]);
    for (let time = 0; time < 2; time++) saveSafetensors(file, tensors);
    const read = loadSafetensors(file);
    expect([...read.keys()]).toEqual(["a/kernel", "näme"]);
    for (const [name, { shape, values }] of tensors) {
      expect(readFloats(name, read.get(name)!)).toEqual(values.slice());
      expect(read.get(name)?.shape).toEqual(shape);
    }
    expect(readFileSync(file).readBigUInt64LE() % 8n).toBe(0n);
    expect(readdirSync(inner)).toEqual(["model.safetensors"]);
  });
});
