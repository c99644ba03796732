import { describe, expect, it } from "vitest";
import {
  type AlgorithmOptions,
  Allotment,
  algorithmNames,
  algorithmSettings,
  algorithmsThatTake,
  type ComposedBatch,
  copyItem,
  createAlgorithm,
  er,
  InputError,
  type ModelAccess,
  mir,
  type OclAlgorithm,
  Random,
  ReplayBuffer,
} from "../src/index.js";
import { algorithmChecks, type MakeAlgorithm } from "../src/testing.js";

/** Settings, beside the defaults, under which an algorithm keeps to its contract. */
const variants: readonly (readonly [string, Omit<AlgorithmOptions, "seed">])[] = [
  ...algorithmNames.map((name) => [name, {}] as const),
  ["er", { buffer: "balanced", capacity: 20, replay: 3 }],
  ["er", { buffer: "ring", capacity: 5, replay: 8 }],
  ["mir", { buffer: "balanced", capacity: 20, replay: 3, candidates: 10 }],
  ["er", { replayLoss: "sum", replay: 3 }],
  ["mir", { replayLoss: "mean", candidates: 20 }],
  ["lwf", { snapshotAt: "interval", warmUp: 5, refresh: 20, alpha: 3 }],
  ["mas", { snapshotAt: "plateau", warmUp: 5, refresh: 20, lambda: 10 }],
];

describe.each(variants)("%s %j", (name, options) => {
  it.each(algorithmChecks)("$claim", ({ run }) =>
    run((shape, given) => createAlgorithm(name, shape, { ...options, ...given })),
  );
});

describe("the checks", () => {
  const er: MakeAlgorithm = (shape, options) => createAlgorithm("er", shape, options);
  /** Experience replay with a flaw. */
  const flawed =
    (flaw: (algorithm: OclAlgorithm) => Partial<OclAlgorithm>): MakeAlgorithm =>
    (shape, options) => {
      const algorithm = er(shape, options);
      return { ...algorithm, ...flaw(algorithm) };
    };
  /** Experience replay whose replayed samples are changed behind its back. */
  const changedReplay = (
    change: (target: ComposedBatch, size: number, from: number) => void,
  ): MakeAlgorithm =>
    flawed(({ compose }) => ({
      compose(item, target) {
        const size = compose(item, target);
        change(target, size, item.size);
        return size;
      },
    }));
  /** Experience replay that shows its buffer only some items. */
  const takingIn =
    (takes: (item: number) => boolean): MakeAlgorithm =>
    (shape, options) => {
      const memory = new Allotment(options.allocate);
      const buffer = new ReplayBuffer(
        { ...shape, capacity: 100 },
        new Random(options.seed),
        memory,
      );
      let items = 0;
      return {
        ...er(shape, options),
        compose(item, target) {
          const size = copyItem(item, target, shape.inputLength);
          const drawn = buffer.draw(16, target, size);
          if (takes(items++)) buffer.add(item);
          return size + drawn;
        },
      };
    };
  const scale = (values: Float32Array, factor: number) =>
    values.forEach((value, index) => {
      values[index] = factor * value;
    });
  let calls = 0;
  const flaws: readonly (readonly [string, MakeAlgorithm])[] = [
    [
      "the same seed gives the same run",
      flawed(({ loss }) => ({ loss: (...rest) => loss(...rest) + calls++ })),
    ],
    [
      "inputs are unchanged",
      flawed(({ compose }) => ({
        compose(item, target) {
          const size = compose(item, target);
          item.x[0] = 0;
          return size;
        },
      })),
    ],
    [
      "memory reported is memory used",
      flawed(({ memoryBytes }) => ({
        memoryBytes: { ...memoryBytes, replay: memoryBytes.replay - 64 },
      })),
    ],
    [
      "save and restore continue bit-identically",
      flawed(() => ({ save: () => new Uint8Array(8), restore() {} })),
    ],
    [
      "two objects over the same memory act as one",
      (shape, options) => {
        // State that no other object sees.
        let composed = 0;
        const algorithm = er(shape, options);
        return {
          ...algorithm,
          compose(item, target) {
            composed++;
            return algorithm.compose(item, target);
          },
          loss: (...rest) => algorithm.loss(...rest) + composed,
        };
      },
    ],
    [
      "a damaged or a foreign state is refused, and changes nothing",
      // As it was once: plain data, taken back unseen.
      flawed(() => ({ save: () => ({ buffer: [] }) as never, restore() {} })),
    ],
    [
      "a damaged or a foreign state is refused, and changes nothing",
      flawed(({ restore }) => ({
        restore(saved) {
          try {
            restore(saved);
          } catch {}
        },
      })),
    ],
    [
      "the first item, with no past to keep, is learned by its mean cross entropy",
      flawed(({ loss }) => ({ loss: (...rest) => 3 * loss(...rest) })),
    ],
    [
      "the first item, with no past to keep, is learned by its mean cross entropy",
      flawed(({ loss }) => ({
        loss(logits, batch, gradient) {
          const value = loss(logits, batch, gradient);
          scale(gradient, 3);
          return 3 * value;
        },
      })),
    ],
    [
      "the gradient of the loss is what finite differences give",
      flawed(({ loss }) => ({ loss: (...rest) => 3 * loss(...rest) })),
    ],
    [
      "the gradient of the loss is what finite differences give",
      flawed(({ loss }) => ({
        loss(logits, batch, gradient) {
          const value = loss(logits, batch, gradient);
          scale(gradient, -1);
          return value;
        },
      })),
    ],
    [
      "the gradient of the loss is what finite differences give",
      flawed(({ loss }) => ({
        loss(logits, batch, gradient) {
          const past = gradient.slice();
          const value = loss(logits, batch, gradient);
          // Added to what was there, as a sum over batches would be.
          for (let index = 0; index < past.length; index++)
            gradient[index] = gradient[index]! + past[index]!;
          return value;
        },
      })),
    ],
    [
      "a penalty is added to the gradient, and is the same by parts as in one",
      // Forgets where the part begins.
      flawed(() => ({
        regularise(_, gradient) {
          gradient.forEach((value, index) => {
            gradient[index] = value + index;
          });
        },
      })),
    ],
    [
      "a penalty is added to the gradient, and is the same by parts as in one",
      // Takes the gradient's place.
      flawed(() => ({
        regularise(offset, gradient) {
          gradient.forEach((_, index) => {
            gradient[index] = offset + index;
          });
        },
      })),
    ],
    [
      "what is replayed came with an earlier item, with the label that it has there",
      changedReplay((target, size, from) => {
        for (let place = from; place < size; place++)
          target.labels[place] = (target.labels[place]! + 1) % 5;
      }),
    ],
    [
      "what is replayed came with an earlier item, with the label that it has there",
      // Black images of class 0.
      changedReplay((target, size, from) => {
        target.x.fill(0, 3 * from, 3 * size);
        target.labels.fill(0, from, size);
      }),
    ],
    [
      "an algorithm with a replay buffer replays from it, to the end of the stream",
      flawed(({ compose }) => ({
        compose(item, target) {
          compose(item, target);
          return item.size;
        },
      })),
    ],
    [
      "a replay buffer takes in the whole stream, not only its beginning",
      takingIn((k) => k === 0), // never fills
    ],
    [
      "a replay buffer takes in the whole stream, not only its beginning",
      takingIn((k) => k < 100), // never lets go
    ],
    [
      "samples of one replay differ where the buffer holds enough",
      changedReplay((target, size, from) => {
        for (let place = from + 1; place < size; place++) {
          target.x.copyWithin(3 * place, 3 * from, 3 * from + 3);
          target.labels[place] = target.labels[from]!;
        }
      }),
    ],
    [
      "another seed replays other samples, unless all that is held is replayed",
      (shape, options) => er(shape, { ...options, seed: 1 }),
    ],
    [
      "counts are whole numbers",
      flawed(({ compose }) => ({ compose: (item, target) => compose(item, target) - 0.5 })),
    ],
    ["counts are whole numbers", flawed(({ learnBatch }) => ({ learnBatch: learnBatch + 0.5 }))],
    ["counts are whole numbers", flawed(() => ({ modelBatch: 2.5 }))],
    [
      "the loss on a toy stream stays finite and falls",
      flawed(() => ({ loss: (_, __, gradient) => gradient.fill(0).length })),
    ],
    [
      "a prediction of its own gives every sample a class, alone or in a batch",
      flawed(() => ({ predict: (_, scores) => void scores.fill(Number.NEGATIVE_INFINITY) })),
    ],
    [
      "a prediction of its own gives every sample a class, alone or in a batch",
      // What one sample scores hangs on how many there are.
      flawed(() => ({ predict: ({ size }, scores) => void scores.fill(size) })),
    ],
    [
      "a prediction of its own gives every sample a class, alone or in a batch",
      // Scores that are half written.
      flawed(() => ({
        predict({ logits }, scores) {
          scores[0] = 2 * (logits[0] as number);
        },
      })),
    ],
    [
      "a prediction of its own changes nothing",
      flawed(({ loss }) => {
        let predictions = 0;
        return {
          predict({ logits }, scores) {
            predictions++;
            scores.set(logits);
          },
          loss: (...rest) => loss(...rest) + predictions,
        };
      }),
    ],
    [
      "two objects over the same memory act as one",
      flawed(({ compose }) => {
        let composed = 0;
        return {
          compose(item, target) {
            composed++;
            return compose(item, target);
          },
          predict: (_, scores) => void scores.fill(composed),
        };
      }),
    ],
    [
      "a whole gradient stays finite, and nothing but it is changed",
      flawed(() => ({
        regulariseWhole(gradient) {
          scale(gradient, 1 / Math.hypot(...gradient));
        },
      })),
    ],
    [
      "a whole gradient stays finite, and nothing but it is changed",
      flawed(() => ({
        regulariseWhole(_, parameters) {
          scale(parameters, 0.9);
        },
      })),
    ],
    [
      "what is replayed came with an earlier item, with the label that it has there",
      flawed(({ compose }) => ({
        referenceBatch: 1,
        compose(item, target) {
          // Its own sample is none of the past.
          target.reference?.x.set(item.x.subarray(0, 3));
          if (target.reference) target.reference.size = 1;
          return compose(item, target);
        },
      })),
    ],
    [
      "counts are whole numbers",
      flawed(({ compose }) => ({
        compose(item, target) {
          if (target.reference) target.reference.size = 1;
          return compose(item, target);
        },
      })),
    ],
    [
      "batch 1 and an empty buffer work",
      // More samples than it has said that it would hand the model.
      flawed(({ compose }) => {
        let model: ModelAccess | undefined;
        return {
          modelBatch: 1,
          attach(access) {
            model = access;
          },
          compose(item, target) {
            const gradient = new Float32Array(41);
            model?.gradient(gradient, target.x, 2, (logits) => void logits.fill(0), gradient);
            return compose(item, target);
          },
        };
      }),
    ],
  ];

  it.each(flaws)("%s: is found out where it does not hold", (claim, make) => {
    const check = algorithmChecks.find((each) => each.claim === claim);
    expect(() => check?.run(er)).not.toThrow();
    expect(() => check?.run(make)).toThrow();
  });
});

describe("er", () => {
  const shape = { batch: 2, inputLength: 1, classes: 3, parameterCount: 1 };
  const item = (k: number) => ({
    x: Float32Array.of(2 * k, 2 * k + 1),
    labels: Int32Array.of(k % 3, 2),
    size: 2,
  });
  const target = () => ({
    x: new Float32Array(6),
    labels: new Int32Array(6),
    targets: new Float32Array(0),
    size: 0,
  });

  it("replays different samples of the past, each with its own label", () => {
    const algorithm = createAlgorithm("er", shape, { seed: 4, replay: 4, capacity: 100 });
    for (let k = 0; k < 50; k++) {
      const batch = target();
      const size = algorithm.compose(item(k), batch);
      const replayed = [...batch.x.subarray(2, size)];
      expect(replayed.length).toBe(Math.min(4, 2 * k));
      expect(new Set(replayed).size).toBe(replayed.length);
      replayed.forEach((value, index) => {
        expect(value).toBeLessThan(2 * k);
        const past = Math.floor(value / 2);
        expect(batch.labels[2 + index]).toBe(value % 2 === 0 ? past % 3 : 2);
      });
    }
  });

  it("names a wrong setting", () => {
    expect(() => createAlgorithm("er", shape, { seed: 0, replay: 0 })).toThrow(InputError);
    expect(() => createAlgorithm("er", shape, { seed: 0, capacity: 1.5 })).toThrow(
      "for capacity but received 1.5",
    );
    expect(() => createAlgorithm("err", shape, { seed: 0 })).toThrow(
      'Expected one of vanilla, er, mir, lwf, mas for algorithm but received "err"',
    );
    expect(() => createAlgorithm("er", { ...shape, classes: 0 }, { seed: 0 })).toThrow(
      "for classes",
    );
  });

  it("names a setting of the wrong type, whatever the algorithm", () => {
    const wrong: [setting: string, values: unknown[]][] = [
      [
        "pixels",
        [1, "yes", null, {}, [], { mean: [0], deviation: ["1"] }, { mean: 0.5, deviation: 1 }],
      ],
      ["allocate", [1, null, {}]],
    ];
    for (const name of algorithmNames)
      for (const [setting, values] of wrong)
        for (const value of values) {
          const attempt = () => createAlgorithm(name, shape, { seed: 0, [setting]: value });
          expect(attempt).toThrow(InputError);
          expect(attempt).toThrow(`for ${setting} but received`);
        }
    for (const make of [er, mir])
      expect(() => make(shape, { seed: 0, pixels: 1 as unknown as true })).toThrow(
        "for pixels but",
      );
    expect(() => createAlgorithm("er", shape, { seed: 0, replay: 1e99 })).toThrow(
      /^Expected an integer from 1 to 655\d\d for replay but received 1e\+99/,
    );
  });

  it("lists the settings of one algorithm", () => {
    expect(algorithmSettings("vanilla")).toEqual([]);
    expect(algorithmSettings("mir")).toEqual([
      "replay",
      "capacity",
      "buffer",
      "replayLoss",
      "candidates",
    ]);
    expect(() =>
      createAlgorithm("vanilla", shape, { seed: 0, foo: 1 } as unknown as AlgorithmOptions),
    ).toThrow(
      'Expected one of seed, allocate, pixels, learningRate for the options of vanilla but received "foo"',
    );
  });

  it("refuses a setting that another algorithm takes, and lets by what every run tells", () => {
    expect(() => createAlgorithm("vanilla", shape, { seed: 0, replay: 8 })).toThrow(
      'Expected one of er, mir for an algorithm with replay but received "vanilla"; leave replay out',
    );
    expect(() => createAlgorithm("lwf", shape, { seed: 0, alpha: 1, lambda: 2 })).toThrow(
      'Expected one of mas for an algorithm with lambda but received "lwf"',
    );
    for (const name of algorithmNames)
      createAlgorithm(name, shape, {
        seed: 0,
        pixels: false,
        learningRate: 0.1,
        replay: undefined,
      });
    expect(algorithmsThatTake("refresh")).toEqual(["lwf", "mas"]);
    expect([algorithmsThatTake("seed"), algorithmsThatTake("constructor")]).toEqual([[], []]);
  });
});
