import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AlgorithmOptions,
  algorithmNames,
  createAlgorithm,
  InputError,
  type OclAlgorithm,
} from "../src/index.js";
import { ToyRun, toyAlgorithmShape } from "../src/toy-run.js";

const shape = toyAlgorithmShape;
/** Small ones, which a short run fills. */
const small: Readonly<Record<string, Partial<AlgorithmOptions>>> = {
  er: { capacity: 12, replay: 3 },
  mir: { capacity: 12, replay: 3, candidates: 6, buffer: "balanced" },
  lwf: { snapshotAt: "interval", warmUp: 5, refresh: 5 },
  mas: { snapshotAt: "plateau", warmUp: 5, refresh: 5 },
};
const create = (name: string, more: Partial<AlgorithmOptions> = {}) =>
  createAlgorithm(name, shape, { seed: 3, ...small[name], ...more });

/** An algorithm that has learned, and the state that it saved. */
function trained(name: string): { algorithm: OclAlgorithm; saved: Uint8Array } {
  const algorithm = create(name);
  new ToyRun(algorithm).play(0, 30);
  return { algorithm, saved: algorithm.save() };
}

/** What restore says of it; fails where it takes it, or is no longer as it was. */
function refusal(algorithm: OclAlgorithm, saved: unknown): string {
  const before = algorithm.save();
  try {
    algorithm.restore(saved as Uint8Array);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe("FERRET_INPUT");
    expect(algorithm.save()).toEqual(before);
    return (error as Error).message;
  }
  throw new Error("Expected a refusal but it was taken");
}

/** Bytes with another header under a right check sum. */
function withHeader(saved: Uint8Array, change: (header: string) => string): Uint8Array {
  const length = new DataView(saved.buffer).getUint32(12, true);
  const header = new TextDecoder().decode(saved.subarray(16, 16 + length));
  const changed = new TextEncoder().encode(change(header));
  const bytes = new Uint8Array([
    ...saved.subarray(0, 16),
    ...changed,
    ...saved.subarray(16 + length),
  ]);
  const view = new DataView(bytes.buffer);
  view.setUint32(12, changed.length, true);
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

describe.each(algorithmNames)("the saved state of %s", (name) => {
  const { algorithm, saved } = trained(name);
  const other = () => create(name, { seed: 77 });

  it("comes back, by structured clone and by base64 in JSON, to the last bit", () => {
    const text = JSON.stringify({ state: Buffer.from(saved).toString("base64") });
    const read = Buffer.from(JSON.parse(text).state, "base64");
    for (const copy of [structuredClone(saved), read]) {
      const again = other();
      again.restore(copy);
      expect(again.save()).toEqual(saved);
    }
  });

  it("is refused as the object that JSON makes of bytes, which once replayed black images", () => {
    const broken = JSON.parse(JSON.stringify(saved));
    expect(refusal(other(), broken)).toBe(
      "Expected the bytes of save(), a Uint8Array, for a saved state but received object; " +
        "JSON cannot hold bytes, so store them there as base64",
    );
    for (const nothing of [null, undefined, "state", saved.buffer, [...saved]])
      expect(refusal(other(), nothing)).toMatch(/^Expected the bytes of save\(\)/);
  });

  it("is refused with any byte changed, and leaves the algorithm as it was", () => {
    fc.assert(
      fc.property(fc.nat(saved.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = saved.slice();
        damaged[at] = (damaged[at] as number) ^ flip;
        expect(refusal(algorithm, damaged)).toMatch(/^Expected .*; /);
      }),
      { seed: 14, numRuns: 300 },
    );
  });

  it("is refused when it is cut off, or something follows it", () => {
    for (let length = 0; length < saved.length; length += Math.ceil(saved.length / 50))
      expect(refusal(algorithm, saved.slice(0, length))).toMatch(/^Expected .*; /);
    expect(refusal(algorithm, Uint8Array.of(...saved, 0))).toMatch(/^Expected .*; /);
    expect(refusal(algorithm, new Uint8Array(100))).toBe(
      "Expected bytes that begin with FERRETST for a saved state but received 100 others; pass " +
        "on all of what save() returned",
    );
  });

  it("is refused by every other algorithm, which it names", () => {
    for (const stranger of algorithmNames.filter((each) => each !== name))
      expect(refusal(create(stranger), saved)).toBe(
        `Expected a state of ${stranger} but received one of ${name}; ` +
          "restore it into the algorithm that saved it",
      );
  });

  it.each(["batch", "inputLength", "classes", "parameterCount"] as const)(
    "is refused by one of another shape: %s",
    (key) => {
      const value = shape[key];
      const wider = createAlgorithm(
        name,
        { ...shape, [key]: value + 1 },
        { seed: 3, ...small[name] },
      );
      expect(refusal(wider, saved)).toBe(
        `Expected ${key} ${value + 1} for the state of ${name} but received ${value}; ` +
          "create the algorithm as it was when its state was saved",
      );
    },
  );

  it("is refused with a header or a content that others wrote, under a right check sum", () => {
    for (const header of ["", "null", "{}", '{"shape":1}', "["])
      expect(
        refusal(
          algorithm,
          withHeader(saved, () => header),
        ),
      ).toMatch(/^Expected a header with shape and options/);
    const longer = withHeader(saved, (header) => `${header} `.repeat(1));
    const shifted = Uint8Array.of(...longer.subarray(0, -4), 7, 0, 0, 0, 0);
    new DataView(shifted.buffer).setUint32(
      shifted.length - 4,
      crc32(shifted.subarray(0, -4)),
      true,
    );
    expect(refusal(algorithm, shifted)).toMatch(/^Expected bytes of content/);
    expect(
      refusal(
        algorithm,
        withHeader(saved, (text) => text.replace("little", "big")),
      ),
    ).toMatch(/^Expected byte order "little"/);
  });

  it("is refused from another version of the package", () => {
    const newer = saved.slice();
    newer[8] = 2;
    expect(refusal(algorithm, newer)).toMatch(
      /^Expected version 1 of a saved state but received 2/,
    );
  });
});

describe("options", () => {
  const changes: readonly (readonly [string, Partial<AlgorithmOptions>, string])[] = [
    ["er", { replay: 4 }, "replay 4"],
    ["er", { capacity: 13 }, "capacity 13"],
    ["er", { buffer: "ring" }, 'buffer "ring"'],
    ["er", { pixels: { mean: [0.1], deviation: [0.3] } }, "pixels {"],
    ["mir", { candidates: 7 }, "candidates 7"],
    ["mir", { learningRate: 0.1 }, "learningRate 0.1"],
    ["lwf", { alpha: 1 }, "alpha 1"],
    ["lwf", { temperature: 1 }, "temperature 1"],
    ["er", { replayLoss: "sum" }, 'replayLoss "sum"'],
    ["mir", { replayLoss: "mean" }, 'replayLoss "mean"'],
    ["lwf", { warmUp: 6 }, "warmUp 6"],
    ["mas", { refresh: 6 }, "refresh 6"],
    ["mas", { lambda: 1 }, "lambda 1"],
  ];
  it.each(changes)("%s: a state under other ones than %j is refused", (name, change, words) => {
    expect(refusal(create(name, change), trained(name).saved)).toContain(`Expected ${words}`);
  });
});
