import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { complaints, ferret } from "./command.js";
import { workplace } from "./datasets-encode.js";

const { folder, write } = workplace();

// An algorithm as a user writes one, which does something bad at its thirtieth occasion.
const builtIn = import.meta.resolve("@ferret-ocl/ocl-algorithms");
write(
  "faulty.mjs",
  `import { createAlgorithm } from ${JSON.stringify(builtIn)};

let calls = 0;
const strike = (bad) => (++calls === 30 ? bad() : undefined);
const complain = () => { throw new Error("the algorithm is out of order"); };

const faulty = (change) => (shape, options) => {
  const own = createAlgorithm("vanilla", shape, options);
  return {
    name: "faulty",
    learnBatch: own.learnBatch,
    memoryBytes: own.memoryBytes,
    compose: (item, target) => own.compose(item, target),
    loss: (logits, batch, gradient) => own.loss(logits, batch, gradient),
    save: () => own.save(),
    restore: (state) => own.restore(state),
    ...change(own, options),
  };
};
export const compose = faulty((own) => ({
  compose: (item, target) => strike(complain) ?? own.compose(item, target),
}));
export const allocation = faulty((own, { allocate }) => ({
  compose(item, target) {
    strike(() => allocate("algorithm", 1e9));
    return own.compose(item, target);
  },
}));
export const loss = faulty((own) => ({
  loss: (...words) => strike(complain) ?? own.loss(...words),
}));
export const ends = faulty(() => ({ regularise: () => strike(() => process.exit(3)) }));
`,
);

/** Far more than a run of the command takes, and far less than for ever. */
const limit = { timeout: 90_000 };

const threads = ["--threads", "2", "--arrival", "max"];

function run(engine: string, words: readonly string[]) {
  const setting = ["--model", "mlp", "--batch", "4", "--items", "200", "--memory-budget", "20MiB"];
  const more = engine === "threads" ? threads : [];
  return ferret(["run", ...setting, "--engine", engine, ...more, ...words], { cwd: folder });
}

const disorder = /^Error: the algorithm is out of order$/;
const overBudget = /^ferret: Expected algorithm to fit the memory budget of 20971520 bytes/;
const onThread = (pass: string, cause: string) =>
  new RegExp(`^Error: Thread [01] failed in the ${pass} pass of item \\d+, stage \\d: ${cause}$`);

describe.concurrent("ferret run ends where an algorithm fails", () => {
  it.each([
    ["virtual", "compose", 1, disorder],
    ["virtual", "loss", 1, disorder],
    ["threads", "compose", 1, disorder],
    ["threads", "allocation", 2, overBudget],
    ["threads", "loss", 1, onThread("forward", "the algorithm is out of order")],
    // Lock in hand.
    ["threads", "ends", 1, onThread("backward", "the thread ended with exit code 3")],
  ])("--engine %s, the fault: %s", limit, async (engine, fault, code, message) => {
    const outcome = await run(engine, ["--algorithm", `faulty.mjs#${fault}`]);
    expect(complaints(outcome)[0]).toMatch(message);
    expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
  });
});

const noPlanAt = (item: number) =>
  new RegExp(
    `^ferret: Expected at least \\d+ bytes \\(.*\\) for memory-budget of --change at item ${item} but ` +
      "received \\d+.*B; .* raise the budget, let items come further apart, use fewer threads, or make the batch or the model smaller$",
  );

describe.concurrent("ferret run refuses before it begins", () => {
  it.each<[string, string, string[], RegExp]>([
    ["virtual", "a change that no plan can meet", ["50:memory-budget=1MiB"], noPlanAt(50)],
    ["threads", "a change that no plan can meet", ["50:memory-budget=1MiB"], noPlanAt(50)],
    [
      "virtual",
      "the second of two changes",
      ["40:memory-budget=min", "199:memory-budget=1kB"],
      noPlanAt(199),
    ],
    [
      "virtual",
      "a change that would never come",
      ["200:memory-budget=min"],
      /^ferret: Expected an item before the stream's end for --change but received 200, /,
    ],
  ])("--engine %s: %s", limit, async (engine, name, changes, message) => {
    const out = `${engine}-${name.replaceAll(" ", "-")}`;
    // The algorithm would fail in the middle: it does not come to that.
    const words = ["--algorithm", "faulty.mjs#compose", "--out", out];
    const outcome = await run(engine, [...changes.flatMap((one) => ["--change", one]), ...words]);
    expect(complaints(outcome)).toHaveLength(1);
    expect(complaints(outcome)[0]).toMatch(message);
    expect([outcome.code, outcome.stdout]).toEqual([2, ""]);
    expect(existsSync(join(folder, out, "results.ndjson"))).toBe(false);
  });
});
