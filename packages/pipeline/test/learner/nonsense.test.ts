// What is no option, no plan and no algorithm is refused by name, in one sentence and before anything
// is made of it; a learner that is at its end says so.
import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { noOverheads, type Plan, plainWorkers } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import {
  arrivalSlots,
  createScheduledLearner,
  createVirtualLearner,
  importPart,
  type LearningAlgorithm,
  Ledger,
  loadRuntime,
  loadTfjsRuntime,
  startThreadsLearner,
  type TfjsBackend,
  type ThreadsLearnerOptions,
  type VirtualLearnerOptions,
} from "../../src/engine.js";
import { InputError, planSchedule, profileModel } from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import {
  batch,
  classes,
  drawItems,
  layerCount,
  learningRate,
  model,
  planOf,
  runtime,
  runtimeChoice,
} from "../perceptron.js";

const profile = profileModel({ model, runtime, batch, timing: "model" });
const cut = { partition: [0, 2], workers: plainWorkers(2, 1) };
const plan = planOf(profile, cut, noOverheads, 1);
const plain = createCrossEntropy("learn", { batch, classes }) as LearningAlgorithm;

const virtual = (): VirtualLearnerOptions => ({
  model,
  profile,
  plan,
  runtime,
  ledger: new Ledger(),
  algorithm: plain,
  compensator: createCompensator("none"),
  kernels: referenceKernels,
  learningRate,
  seed: 1,
});

const threaded = (): ThreadsLearnerOptions => ({
  model,
  profile,
  plan,
  threads: 1,
  runtime: runtimeChoice,
  ledger: new Ledger(),
  algorithm: {
    module: new URL("../cross-entropy.mjs", import.meta.url).href,
    export: "createCrossEntropy",
    arguments: ["learn"],
  },
  compensator: {
    module: "@ferret-ocl/compensation",
    export: "createCompensator",
    arguments: ["none", {}],
  },
  learningRate,
  seed: 1,
  arrivalInterval: null,
  onPrediction: () => {},
});

/** What is wrong with any option of any type, and still not all of what may be handed over. */
const empty = {};
const nonsense = [undefined, null, Number.NaN, -1, 0.5, "x", [], empty, true, Symbol("s"), 7n];

async function messageOf(work: () => unknown): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect((error as { code?: string }).code).toBe("FERRET_INPUT");
    return (error as Error).message;
  }
}

/** Refuses every value that `accepts` does not hold, in one sentence that names the option. */
async function expectRefusals(
  make: (change: object) => unknown,
  option: string,
  accepts: readonly unknown[] = [],
) {
  for (const value of nonsense) {
    if (accepts.includes(value)) continue;
    const message = await messageOf(() => make({ [option]: value }));
    expect(message, `${option}: ${String(value)}`).toMatch(
      /^Expected [^\n]+ but (received|it) [^\n]+$/,
    );
    expect(message).toContain(option.replace(/s$/, ""));
  }
}

const common: [string, unknown[]?][] = [
  ["model"],
  ["profile"],
  ["plan"],
  ["ledger"],
  ["seed", [-1]],
  ["initialParameters", [undefined]],
];

describe("nonsense is refused by name", () => {
  it.each([
    ...common,
    ["runtime"],
    ["algorithm"],
    ["compensator"],
    ["kernels"],
    ["onAction", [undefined]],
  ] as typeof common)("by createVirtualLearner: %s", (option, accepts) =>
    expectRefusals(
      (change) => createVirtualLearner({ ...virtual(), ...change } as VirtualLearnerOptions),
      option,
      accepts,
    ),
  );

  it.each([
    ...common,
    ["runtime"],
    ["algorithm"],
    ["compensator"],
    ["threads"],
    ["arrivalInterval", [null, 0.5]],
    ["onPrediction"],
    ["tracedItems", [undefined]],
    ["algorithmOptions", [undefined, empty]],
  ] as typeof common)("by startThreadsLearner: %s", (option, accepts) =>
    expectRefusals(
      (change) => startThreadsLearner({ ...threaded(), ...change } as ThreadsLearnerOptions),
      option,
      accepts,
    ),
  );

  it("by createScheduledLearner: its plan and interval", async () => {
    const schedule = planSchedule(profile, "dapple", 2);
    const make = (change: object) =>
      createScheduledLearner({ ...virtual(), plan: schedule, arrivalInterval: 1, ...change });
    await expectRefusals(make, "plan");
    await expectRefusals(make, "arrivalInterval", [0.5]);
    await expectRefusals((one) => make({ plan: { ...schedule, ...one } }), "partition");
    await expectRefusals((one) => make({ plan: { ...schedule, ...one } }), "deviceCount");
  });

  it("a profile of another model, and a plan of one with more layers", async () => {
    const [first] = profile.layers;
    const short = { ...profile, layers: profile.layers.slice(1) };
    const wide = {
      ...profile,
      layers: [{ ...first, parameterBytes: 4 }, ...profile.layers.slice(1)],
    };
    const message = (change: object) =>
      messageOf(() => createVirtualLearner({ ...virtual(), ...change } as VirtualLearnerOptions));
    expect(await message({ profile: short })).toMatch(/for profile\.layers but received 3/);
    expect(await message({ profile: wide })).toMatch(
      /for profile\.layers\[0\]\.parameterBytes but/,
    );
    const deep: Plan = { ...plan, partition: [0, layerCount] };
    expect(await message({ plan: deep })).toMatch(/begin below layer 4, .* for plan\.partition/);
  });

  it("threads without end, before one is started", async () => {
    for (const threads of [10_000, 1e9, Number.POSITIVE_INFINITY]) {
      const message = await messageOf(() => startThreadsLearner({ ...threaded(), threads }));
      expect(message).toMatch(/^Expected a whole number from 1 to \d+ for threads but received/);
      expect(() => arrivalSlots(threads)).toThrow(InputError);
    }
  });

  it("what cannot be handed to a thread", async () => {
    const algorithmOptions = { allocate: () => {} };
    const message = await messageOf(() => startThreadsLearner({ ...threaded(), algorithmOptions }));
    expect(message).toMatch(/^Expected plain data for algorithmOptions but it cannot be passed/);
  });

  it("more memory than the machine has, before it is taken", () => {
    const ledger = new Ledger();
    expect(() => ledger.allocate("replay", 1e15)).toThrow(/^Expected replay to fit this machine's/);
    for (const bytes of [Number.NaN, -1, 0.5, 1e300])
      expect(() => ledger.allocate("replay", bytes)).toThrow(/^Expected a whole number of bytes/);
    expect(() => ledger.allocate("rpelay" as "replay", 1)).toThrow(/for category but received/);
    expect(() => new Ledger(Number.NaN)).toThrow(/null for no limit, for budget but received NaN/);
    expect(ledger.held.total).toBe(0);
  });
});

describe("an algorithm that is none is refused by name", () => {
  const make = (change: object) =>
    createVirtualLearner({ ...virtual(), algorithm: { ...plain, ...change } as LearningAlgorithm });

  it.each(["learnBatch", "compose", "loss"])("without a proper %s", (member) =>
    expectRefusals(make, member),
  );

  it.each(["targetLength", "modelBatch", "attach", "regularise"])("with an odd %s", (member) =>
    expectRefusals(make, member, [undefined]),
  );

  it.each([2.5, 0, 65_537, 1e9])("with a batch of %d", (learnBatch) => {
    expect(() => make({ learnBatch })).toThrow(
      /^Expected a whole number of samples from 1 to 65536/,
    );
  });

  it.each([0, 1.5, 3, Number.NaN, undefined, -1, "2"])(
    "when it composes %s samples, and the learner is at its end",
    (size) => {
      const learner = make({ compose: () => size });
      const [item] = drawItems(1, 1) as [ReturnType<typeof drawItems>[0]];
      expect(() => learner.observe(item)).toThrow(
        /^Expected compose of the algorithm to return .* 1 to 2 \(its learnBatch\), but received/,
      );
      expect(() => learner.observe(item)).toThrow(/^Expected no observe after a failure but/);
      expect(() => learner.evaluate(item)).toThrow(/^Expected no evaluate after a failure but/);
      learner.dispose();
    },
  );
});

describe("a learner", () => {
  const [first, second] = drawItems(2, 3) as [
    ReturnType<typeof drawItems>[0],
    ReturnType<typeof drawItems>[0],
  ];

  it("gives exactly size x classes logits, wherever it is cut", () => {
    for (const partition of [[0], [0, 1], [0, 2, 3]]) {
      const workers = plainWorkers(partition.length, 1);
      const one = planOf(profile, { partition, workers }, noOverheads, 1);
      const learner = createVirtualLearner({ ...virtual(), plan: one });
      expect(learner.predict(first).length).toBe(batch * classes);
      learner.dispose();
      const stages = planSchedule(profile, "dapple", partition.length);
      const fixed = createScheduledLearner({ ...virtual(), plan: stages, arrivalInterval: 1 });
      expect(fixed.predict(first).length).toBe(batch * classes);
      fixed.dispose();
    }
  });

  it("hands a loss exactly the logits of what was composed", () => {
    const lengths: number[] = [];
    const algorithm: LearningAlgorithm = {
      ...plain,
      learnBatch: 2 * batch,
      loss(logits, { size }, gradient) {
        lengths.push(logits.length, gradient.length, size * classes);
        return plain.loss(logits, { labels: first.labels, targets: logits, size }, gradient);
      },
    };
    const own = profileModel({ model, runtime, batch, learnBatch: 2 * batch, timing: "model" });
    const learner = createVirtualLearner({ ...virtual(), profile: own, algorithm });
    learner.observe(first);
    learner.finish();
    expect(lengths).toEqual([batch * classes, batch * classes, batch * classes]);
  });

  it("answers no more when it has been disposed of, twice if need be", async () => {
    const learner = createVirtualLearner(virtual());
    learner.dispose();
    learner.dispose();
    for (const call of [
      () => learner.observe(first),
      () => learner.finish(),
      () => learner.evaluate(first),
      () => learner.predict(first),
      () => learner.replan({ memoryBudget: null }),
    ])
      expect(call).toThrow(
        /^Expected no \w+ after dispose but the learner has released its buffers/,
      );
  });

  it("refuses a change whose buffers do not fit beside the algorithm's, and goes on", () => {
    const ledger = new Ledger();
    ledger.allocate("replay", 4096);
    const learner = createVirtualLearner({ ...virtual(), ledger });
    learner.observe(first);
    // A plan of somebody who did not count what the algorithm holds.
    const tight = { ...plan, memoryBudget: plan.memory.total };
    expect(() => learner.replan({ plan: tight })).toThrow(
      /budget of \d+ bytes but 4096 bytes are missing besides what the algorithm holds/,
    );
    learner.replan({ plan: { ...plan, memoryBudget: plan.memory.total + 4096 } });
    learner.observe(second);
    learner.finish();
    expect(learner.switches()).toHaveLength(1);
    learner.dispose();
  });
});

it.each([[[]], [["gpu"]], ["wasm"], [[undefined]]])(
  "backends of tfjs that are none: %j",
  async (names) => {
    const message = await messageOf(() => loadTfjsRuntime(names as TfjsBackend[]));
    expect(message).toMatch(/^Expected one .*node-gpu, node, wasm, cpu for backends but received/);
  },
);

it.each([
  ["profileModel", profileModel],
  ["planSchedule", planSchedule],
  ["loadRuntime", loadRuntime],
  ["importPart", importPart],
  ["createVirtualLearner", createVirtualLearner],
  ["createScheduledLearner", createScheduledLearner],
  ["startThreadsLearner", startThreadsLearner],
] as const)("%s refuses what is nothing at all", async (_, work) => {
  for (const value of nonsense)
    expect(await messageOf(() => (work as (...words: unknown[]) => unknown)(value, value))).toMatch(
      /^Expected [^\n]+ but received [^\n]+$/,
    );
});
