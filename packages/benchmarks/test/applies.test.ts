import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { expectEffect, lineOf } from "../src/commands/applies.js";
import { defineDemo } from "../src/commands/demo.js";
import { defineExperiment } from "../src/commands/experiment.js";
import { definePlan } from "../src/commands/plan.js";
import { defineProfile } from "../src/commands/profile.js";
import { defineReport } from "../src/commands/report.js";
import { defineRun } from "../src/commands/run.js";
import { defineSchedule } from "../src/commands/schedule.js";
import { defineServe } from "../src/commands/serve.js";
import { methodNames } from "../src/methods/registry.js";
import { inputErrorOf } from "./datasets-encode.js";

/** The commands as they are, but all that they do is to be read. */
function commands(): Command {
  const program = new Command("ferret").exitOverride().configureOutput({ writeErr: () => {} });
  program.hook("preAction", (_, command) => expectEffect(lineOf(command)));
  for (const define of [
    defineDemo,
    defineExperiment,
    definePlan,
    defineProfile,
    defineReport,
    defineRun,
    defineSchedule,
    defineServe,
  ])
    define(program);
  const idle = (command: Command) => {
    for (const each of command.commands) idle(each);
    if (command.commands.length === 0) command.action(() => {});
  };
  idle(program);
  return program;
}

const read = (words: readonly string[]) => commands().parseAsync([...words], { from: "user" });
const refusal = (words: readonly string[]) => inputErrorOf(read(words));
const isRefused = (words: readonly string[]) =>
  read(words).then(
    () => false,
    (error: { code?: string }) => {
      if (error.code === "FERRET_INPUT") return true;
      throw error;
    },
  );

/** A value for every option of `run`; those that any run takes, whatever else is asked. */
const always: Readonly<Record<string, readonly string[]>> = {
  "--dataset": ["glyphs"],
  "--label": ["1"],
  "--header": ["yes"],
  "--missing": ["drop"],
  "--words": ["one-hot"],
  "--image-size": ["32"],
  "--model": ["mlp"],
  "--weights": ["w.safetensors"],
  "--algorithm": ["er"],
  "--items": ["5"],
  "--passes": ["2"],
  "--skip-items": ["2"],
  "--batch": ["4"],
  "--lr": ["0.1"],
  "--optimizer": ["adam"],
  "--order": ["iid"],
  "--label-delay": ["2"],
  "--scale": ["none"],
  "--seed": ["1"],
  "--timing": ["model"],
  "--runtime": ["auto"],
  "--engine": ["virtual"],
  "--method": ["ferret"],
  "--memory-budget": ["none"],
  "--compensation": ["none"],
  "--out": ["x"],
  "--save-model": ["x"],
  "--save-weights": ["x"],
  "--json": [],
};

/** Those that something must take, with what does: written down anew, not read from the rules. */
const flushing = ["dapple", "zero-bubble", "hanayo-1", "hanayo-2", "hanayo-3"];
const onlySome: readonly [
  words: readonly string[],
  takes: (method: string, engine: string) => boolean,
][] = [
  [["--memory-budget", "min"], (method) => method === "ferret"],
  [["--compensation", "auto"], (method) => method === "ferret"],
  [["--pressure", "4"], (method) => method !== "oracle"],
  [["--arrival", "5ms"], (method) => method !== "oracle"],
  [["--objective", "paper"], (method) => method === "ferret"],
  [["--partition", "0,1"], (method) => method === "ferret"],
  [["--workers", "[]"], (method) => method === "ferret"],
  [["--compute-units", "2"], (method) => method === "ferret"],
  [["--unit-speeds", "1,1"], (method, engine) => method === "ferret" && engine === "virtual"],
  [["--change", "5:arrival=2ms"], (method) => method === "ferret"],
  [["--stages", "2"], (method) => [...flushing, "pipedream", "pipedream-2bw"].includes(method)],
  [["--microbatches", "2"], (method) => flushing.includes(method)],
  [["--waiting", "9"], (method) => ["random-n", "last-n", "camel"].includes(method)],
  [["--at-once", "2"], (method) => ["random-n", "last-n", "camel"].includes(method)],
  [["--threads", "2"], (_, engine) => engine === "threads"],
  [["--runtime", "node"], (_, engine) => engine === "virtual"],
  [["--algorithm-options", "replay=8"], () => false],
  [["--optimizer-options", "momentum=0.5"], () => false],
  [["--data-dir", "x"], () => false],
  [["--checkpoint", "x"], (method) => method === "ferret"],
  [["--live"], (method) => method === "ferret"],
  [["--every", "5items"], () => false],
  [["--resume"], () => false],
];

describe("every option of ferret run, by every method on every engine,", () => {
  it("is one of those that this test knows", () => {
    const run = commands().commands.find((command) => command.name() === "run");
    const known = [...Object.keys(always), ...onlySome.map(([[name]]) => name)];
    for (const { long } of run?.options ?? []) expect(known).toContain(long);
  });

  it.each(methodNames)("has an effect or is refused by name: %s", async (method) => {
    for (const engine of ["virtual", "threads"]) {
      const line = ["run", "--method", method, "--engine", engine];
      for (const [words, takes] of onlySome)
        expect([words[0], engine, await isRefused([...line, ...words])]).toEqual([
          words[0],
          engine,
          !takes(method, engine),
        ]);
    }
  });

  it("is taken where it does not matter what else is asked", async () => {
    const run = commands().commands.find((command) => command.name() === "run");
    for (const { long } of run?.options ?? [])
      if (long && always[long]) expect(await isRefused(["run", long, ...always[long]])).toBe(false);
  });
});

describe("an option that does nothing", () => {
  it.each([
    [
      "run --method zero-bubble --memory-budget 40MiB",
      'Expected ferret for --method with --memory-budget but received "zero-bubble"; other ' +
        "learners have no plan that could fit into a budget",
    ],
    [
      "run --optimizer-options momentum=0.5",
      'Expected momentum or adam for --optimizer with --optimizer-options but received "sgd"; plain ' +
        "descent has no settings",
    ],
    [
      "run --algorithm-options replay=8",
      'Expected one of er, mir for --algorithm with --algorithm-options but received "vanilla"; ' +
        "other algorithms do not take the setting replay",
    ],
    [
      "demo --algorithm lwf --algorithm-options alpha=1,lambda=2",
      'Expected one of mas for --algorithm with --algorithm-options but received "lwf"; other ' +
        "algorithms do not take the setting lambda",
    ],
    ...[
      ["seed=3", "give it as --seed"],
      ["learningRate=1", "give it as --lr"],
      ["pixels=1", "the data set says how its images were scaled"],
      ["allocate=1", "the run gives the memory"],
    ].map(([part = "", remedy]): [string, string] => [
      `run --algorithm er --algorithm-options replay=8,${part}`,
      `Expected no ${part.split("=")[0]} with --algorithm-options but received "${part}"; ${remedy}`,
    ]),
    [
      "run --algorithm ./mine.mjs --algorithm-options seed=3",
      'Expected no seed with --algorithm-options but received "seed=3"; give it as --seed',
    ],
    [
      "run --algorithm er --algorithm-options replay=8,replay=9",
      "Expected each setting once with --algorithm-options but received " +
        '"replay=8,replay=9"; leave one replay out',
    ],
    [
      "run --algorithm er --algorithm-options bufer=ring",
      "Expected one of replay, capacity, buffer, replayLoss with --algorithm-options but received " +
        '"bufer"; these are all the settings of er',
    ],
    [
      "experiment forgetting --algorithms lwf,mas --algorithm-options bufer=ring",
      "Expected one of alpha, temperature, snapshotAt, warmUp, refresh, lambda with " +
        '--algorithm-options but received "bufer"; these are all the settings of lwf, mas',
    ],
    [
      "run --algorithm vanilla --algorithm-options foo=1",
      'Expected no settings with --algorithm-options but received "foo"; these are all the ' +
        "settings of vanilla",
    ],
    [
      "run --pressure 4 --arrival 5ms",
      "Expected no --arrival with --pressure but received 5ms; both say how fast items come; " +
        "leave one out",
    ],
    [
      "run --engine threads --arrival max --change 5:arrival=2ms",
      'Expected a duration for --arrival with --change but received "max"; without a pace ' +
        "there is none to change",
    ],
    [
      "experiment forgetting --algorithm er",
      'Expected --algorithms with --algorithm but received "er"; this experiment compares several; ' +
        "name them there",
    ],
    [
      "experiment forgetting --algorithms vanilla,er --algorithm-options lambda=2",
      'Expected one of mas for --algorithms with --algorithm-options but received "vanilla,er"; ' +
        "other algorithms do not take the setting lambda",
    ],
    [
      "experiment pressure --methods 1-skip,dapple --memory-budget min",
      'Expected ferret for --methods with --memory-budget but received "1-skip,dapple"; other ' +
        "learners have no plan that could fit into a budget",
    ],
    [
      "experiment pressure --methods oracle,ferret --stages 3",
      "Expected a schedule such as dapple for --methods with --stages but received " +
        '"oracle,ferret"; only fixed schedules take a number of stages',
    ],
    [
      "experiment compensation --datasets glyphs,./a.csv --data-dir x",
      "Expected a data set by name, such as mnist, with --data-dir but received " +
        '"glyphs,./a.csv"; glyphs are drawn by the program, and a path already says where the ' +
        "files are",
    ],
    [
      "profile --timing model --fresh",
      "Expected --timing measured with --fresh but received model; times from operation counts are " +
        "not kept",
    ],
    [
      "plan --profile p.json --arrival 5ms --sweep --explain",
      "Expected no --sweep with --explain but received both; only the text output of a single " +
        "plan explains it",
    ],
    [
      "plan --profile p.json --arrival 5ms --sweep --memory-budget min",
      "Expected no --sweep with --memory-budget but received both; it goes through all budgets; " +
        "leave one out",
    ],
    [
      "plan --profile p.json --arrival 5ms --partition 0 --workers [] --strategy greedy",
      "Expected no --workers with --strategy but received both; nothing is searched when " +
        "workers are given; leave one out",
    ],
    [
      "plan --profile p.json --arrival 5ms --strategy greedy",
      "Expected --objective paper with --strategy but received progress; there is only one " +
        "search for progress",
    ],
    [
      "run --engine threads --runtime node-gpu",
      "Expected --engine virtual with --runtime but received threads; tfjs-node works in one thread " +
        "of a process",
    ],
    [
      "serve --runtime node",
      "Expected --engine virtual with --runtime but received threads; tfjs-node works in one thread " +
        "of a process",
    ],
    [
      "schedule dapple --runtime native",
      'Expected ferret with --runtime but received "dapple"; other schedules are drawn, not run',
    ],
  ])("is refused: %s", async (line, message) => {
    expect(await refusal(line.split(" "))).toBe(message);
  });

  it.each([
    "run --method 1-skip --compensation none --memory-budget none",
    "run --algorithm er --algorithm-options replay=8,buffer=ring",
    "run --algorithm err --algorithm-options replay=8,foo=3",
    "run --algorithm ./mine.mjs --algorithm-options replay=8",
    "run --method ferrit --memory-budget min",
    "run --arrival 4ms",
    "run --algorithm-options replay",
    "experiment forgetting --algorithm-options replay=8",
    "experiment pressure --stages 3 --memory-budget min --compensation auto",
    "experiment compensation --data-dir x",
    "schedule ferret --runtime native --stages 3",
    "plan --profile p.json --arrival 5ms --partition 0 --workers [] --memory-budget min",
    "demo --memory-budget",
  ])("is not this one: %s", async (line) => {
    const outcome = await read(line.split(" ")).catch((error: { code: string }) => error.code);
    expect(outcome).not.toBe("FERRET_INPUT");
  });
});
