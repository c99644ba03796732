// What another engine makes of a plan is what the virtual engine makes of it: the loop of
// examples/play-a-plan.mjs, which shares no code with the pipeline, is run as people run it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import {
  type NamedBudget,
  noOverheads,
  type Plan,
  type Profile,
  parseProfile,
  planUnder,
} from "@ferret-ocl/planner";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { createVirtualLearner, Ledger, loadTfjsRuntime } from "../src/engine.js";
import { parseModel } from "../src/index.js";
import { createCrossEntropy } from "./cross-entropy.mjs";
import { pipelines, planOf } from "./perceptron.js";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ferret-played-"));
afterAll(() => rmSync(folder, { recursive: true }));

const told = JSON.parse(readFileSync(join(examples, "mlp/profile.json"), "utf8")) as {
  readonly layers: readonly object[];
};

// In plain JavaScript, so that every machine gives the same bits.
const runtime = await loadTfjsRuntime(["cpu"]);
const sizes = [2, 16, 16, 16, 4];
const batch = 10;
const classes = 4;
const algorithm = createCrossEntropy("learn", { batch, classes });
const model = parseModel({
  class_name: "Sequential",
  config: {
    layers: sizes.slice(1).map((units, index) => ({
      class_name: "Dense",
      config: {
        units,
        activation: index < sizes.length - 2 ? "relu" : "linear",
        ...(index === 0 ? { batch_input_shape: [null, 2] } : {}),
      },
    })),
  },
});

/** The stream and the first parameters, as examples/README.md tells them. */
function draw(count: number) {
  let state = 1;
  const random = () => {
    state = (16807 * state) % 2147483647;
    return state / 2147483647;
  };
  const initial = sizes.slice(1).flatMap((units, index) => {
    const inputs = sizes[index]!;
    const weights = Array.from(
      { length: inputs * units },
      () => Math.sqrt(6 / inputs) * (2 * random() - 1),
    );
    return [...weights, ...new Array<number>(units).fill(0)];
  });
  const items = Array.from({ length: count }, (_, k) => {
    const x = Array.from({ length: 2 * batch }, () => 2 * random() - 1);
    const beyond = (at: number) => Number(x[at]! > Math.abs(((k / 200) % 2) - 1) - 0.5);
    const labels = Array.from(
      { length: batch },
      (_, sample) => beyond(2 * sample) + 2 * beyond(2 * sample + 1),
    );
    return { x: Float32Array.from(x), labels: Int32Array.from(labels), size: batch };
  });
  return { initial: Float32Array.from(initial), items };
}

/** What the virtual engine says of a plan, in the words of the loop. */
function engineSays(profile: Profile, plan: Plan, count: number): string {
  const { initial, items } = draw(count);
  const learner = createVirtualLearner({
    model,
    profile,
    plan,
    runtime,
    ledger: new Ledger(),
    algorithm,
    compensator: createCompensator("none"),
    kernels: referenceKernels,
    learningRate: 0.05,
    seed: 0,
    initialParameters: initial,
  });
  let correct = 0;
  for (const item of items) correct += learner.observe(item);
  const { dropped } = learner.metrics();
  learner.dispose();
  const accuracy = ((100 * correct) / (batch * count)).toFixed(2);
  return `online accuracy ${accuracy} %, ${dropped} of ${count} items dropped\n`;
}

function loopSays(profile: object, plan: Plan, count: number): string {
  const [profilePath, planPath] = [join(folder, "profile.json"), join(folder, "plan.json")];
  writeFileSync(profilePath, JSON.stringify(profile));
  writeFileSync(planPath, JSON.stringify(plan));
  const words = [join(examples, "play-a-plan.mjs"), profilePath, planPath, String(count)];
  return execFileSync(process.execPath, words, { encoding: "utf8" });
}

it.each<[NamedBudget | number, "progress" | "paper", number]>([
  // Those of examples/README.md.
  ["none", "progress", 4],
  [18 * 1024, "progress", 4],
  [22 * 1024, "paper", 4],
  ["min", "progress", 4],
  // Items that come faster.
  ["none", "progress", 3],
  [24 * 1024, "progress", 3],
  [24 * 1024, "paper", 3],
  ["min", "paper", 1],
])(
  "plays the plan for a budget of %s, by %s, an item every %d ms",
  (budget, objective, interval) => {
    const profile = parseProfile(told);
    const request = { profile, arrivalInterval: interval, objective, overheads: noOverheads };
    const { plan } = planUnder(budget, request);
    expect(loopSays(told, plan, 300)).toBe(engineSays(profile, plan, 300));
  },
);

/** Milliseconds, four to a clock: one a layer. */
const fourTimes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 4, maxLength: 4 });
const clocks = fc.record({
  forward: fourTimes,
  backward: fourTimes,
  arrivalInterval: fc.integer({ min: 1, max: 12 }),
});

it("plays any plan, whatever the techniques and the times", () => {
  fc.assert(
    fc.property(pipelines, clocks, (pipeline, { forward, backward, arrivalInterval }) => {
      const layers = told.layers.map((layer, index) => ({
        ...layer,
        forwardTime: forward[index]!,
        backwardTime: backward[index]!,
      }));
      const profile = parseProfile({ ...told, layers });
      const plan = planOf(profile, pipeline, noOverheads, arrivalInterval);
      expect(loopSays(profile, plan, 100)).toBe(engineSays(profile, plan, 100));
    }),
    {
      seed: 16,
      numRuns: 20,
      examples: [
        // An output is still needed where a forward pass could begin otherwise.
        [
          {
            partition: [0, 1, 2, 3],
            workers: [{ recompute: true, accumulate: [2, 2, 3, 1], omit: [2, 1, 2, 0] }],
            inFlight: undefined,
          },
          { forward: [6, 4, 3, 1], backward: [8, 8, 2, 6], arrivalInterval: 2 },
        ],
      ],
    },
  );
});
