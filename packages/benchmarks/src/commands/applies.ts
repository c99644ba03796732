import { algorithmNames, algorithmSettings, algorithmsThatTake } from "@ferret-ocl/ocl-algorithms";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { contenders } from "../experiments/compare.js";
import { forgettingLearners } from "../experiments/forgetting.js";
import { type MethodName, methodNames, methods } from "../methods/registry.js";

/** A command line, as far as it decides what its options mean. */
export interface Line {
  /** Such as `run` or `experiment pressure`. */
  readonly command: string;
  /** By key, what was given; defaults and variables of the environment do not count. */
  readonly given: Readonly<Record<string, unknown>>;
  /** By key, what holds, given or not. */
  readonly all: Readonly<Record<string, unknown>>;
  /** Such as the schedule to draw. */
  readonly words: readonly string[];
}

/** What is wrong with an option that was given: what it needs, what was found, and why. */
type Refusal = readonly [expected: string, received: string, reason: string] | null;

/** One option, and when it has no effect. */
interface Rule {
  /** Its key, as `memoryBudget` of `--memory-budget`. */
  readonly option: string;
  refuse(line: Line, value: unknown): Refusal;
}

/** A rule for options that only some methods take, in every command that runs methods. */
function ofMethods(
  option: string,
  takes: (name: MethodName) => boolean,
  { expected, reason, idle = [] }: { expected: string; reason: string; idle?: readonly string[] },
): Rule {
  return {
    option,
    refuse(line, value) {
      const named = methodsOf(line);
      if (!named) return null;
      const [flag, names] = named;
      // An unknown name is reported where it is read; a value that asks for nothing is accepted.
      if (!names.every(isMethod) || idle.includes(String(value))) return null;
      return names.some(takes) ? null : [`${expected} for ${flag}`, quoted(names), reason];
    },
  };
}

const isMethod = (name: string): name is MethodName => Object.hasOwn(methods, name);
const isPlanned = (name: MethodName) => methods[name].isPlanned;
const isSaved = (name: MethodName) => "isSaved" in methods[name];
const takesStages = (name: MethodName) => "takesStages" in methods[name];
const skipsBatches = (name: MethodName) => "skipsBatches" in methods[name];
/** Whether a schedule has a flush, whose items can be counted. */
const flushes = (name: MethodName) => takesStages(name) && !name.startsWith("pipedream");

const planned = methodNames.filter(isPlanned).join(", ");
const planRule = (option: string, reason: string, idle: readonly string[] = []) =>
  ofMethods(option, isPlanned, { expected: planned, reason, idle });

/** Whether time passes while it learns. */
const ofTime = (name: MethodName) => name !== "oracle";
const timeRule = {
  expected: methodNames.filter(ofTime).join(", "),
  reason: "no time passes for an oracle, however fast items come",
};

/** A rule for one command: the option needs another one to be so. */
function needs(
  command: RegExp,
  option: string,
  refusal: (line: Line, value: unknown) => Refusal,
): Rule {
  return {
    option,
    refuse: (line, value) => (command.test(line.command) ? refusal(line, value) : null),
  };
}

/** The engine where none is asked for. */
const usualEngine: Readonly<Record<string, string>> = { run: "virtual", serve: "threads" };

/** One row per option that something else can make ineffective. */
const rules: readonly Rule[] = [
  planRule("memoryBudget", "other learners have no plan that could fit into a budget", ["none"]),
  planRule("compensation", "only the gradients of a plan's pipeline are repaired", ["none"]),
  planRule("objective", "other learners have no plan to choose", []),
  ofMethods("pressure", ofTime, timeRule),
  ofMethods("arrival", ofTime, timeRule),
  planRule("partition", "learners without a plan have no stages and workers"),
  planRule("workers", "learners without a plan have no stages and workers"),
  planRule("computeUnits", "learners without a plan have no stages and workers"),
  planRule("unitSpeeds", "learners without a plan have no stages and workers"),
  planRule("change", "learners without a plan have none to change"),
  ofMethods("stages", takesStages, {
    expected: "a schedule such as dapple",
    reason: "only fixed schedules take a number of stages",
  }),
  ...["waiting", "atOnce"].map((option) =>
    ofMethods(option, skipsBatches, {
      expected: "a batch skip such as random-n",
      reason: "other methods let no items wait to choose among them",
    }),
  ),
  ofMethods("microbatches", flushes, {
    expected: "a schedule with a flush such as dapple",
    reason: "other methods have no flush whose items could be counted",
  }),
  ofMethods("checkpoint", isSaved, {
    expected: methodNames.filter(isSaved).join(", "),
    reason: "other learners are not saved along the way",
  }),
  ofMethods("live", isPlanned, {
    expected: planned,
    reason: "the page shows a plan, and other methods have none",
  }),
  ...["every", "resume"].map((option) =>
    needs(/^(run|experiment (pressure|forgetting))$/, option, ({ given }) =>
      given.checkpoint === undefined
        ? ["--checkpoint", "none", "name the folder that checkpoints are saved to"]
        : null,
    ),
  ),
  needs(/^experiment compensation$/, "resume", ({ given }) =>
    given.out === undefined
      ? ["--out", "none", "name the folder whose runs are to be taken"]
      : null,
  ),
  needs(/^(run|serve)$/, "threads", ({ all }) =>
    all.engine === "virtual"
      ? ["--engine threads", "virtual", "the virtual clock needs no threads"]
      : null,
  ),
  needs(/^run$/, "unitSpeeds", ({ all }) =>
    all.engine === "threads"
      ? ["--engine virtual", "threads", "the speed of threads cannot be set"]
      : null,
  ),
  needs(/./, "pressure", ({ given }) =>
    given.arrival === undefined
      ? null
      : ["no --arrival", given.arrival as string, "both say how fast items come; leave one out"],
  ),
  needs(/^(run|serve)$/, "runtime", ({ all, command }, value) =>
    /^node(-gpu)?$/.test(String(value)) && (all.engine ?? usualEngine[command]) === "threads"
      ? ["--engine virtual", "threads", "tfjs-node works in one thread of a process"]
      : null,
  ),
  needs(/^run$/, "change", ({ all }, value) =>
    all.arrival === "max" && (value as string[]).some((text) => text.includes("arrival="))
      ? ["a duration for --arrival", '"max"', "without a pace there is none to change"]
      : null,
  ),
  needs(/forgetting$/, "algorithm", (_, value) => [
    "--algorithms",
    `"${value}"`,
    "this experiment compares several; name them there",
  ]),
  needs(/./, "optimizerOptions", ({ all }) =>
    all.optimizer === "sgd"
      ? ["momentum or adam for --optimizer", '"sgd"', "plain descent has no settings"]
      : null,
  ),
  { option: "algorithmOptions", refuse: refuseAlgorithmOptions },
  { option: "dataDir", refuse: refuseDataDir },
  ...["label", "header", "missing", "words", "imageSize"].map((option) =>
    needs(/^datasets$/, option, ({ given }) =>
      given.read === undefined
        ? ["--read", "none", "a list of data sets reads none of them"]
        : null,
    ),
  ),
  needs(/^profile$/, "fresh", ({ all }) =>
    all.timing === "model"
      ? ["--timing measured", "model", "times from operation counts are not kept"]
      : null,
  ),
  needs(/^plan$/, "explain", ({ given }) =>
    given.sweep || given.json
      ? [
          given.sweep ? "no --sweep" : "no --json",
          "both",
          "only the text output of a single plan explains it",
        ]
      : null,
  ),
  needs(/^plan$/, "memoryBudget", ({ given }) =>
    given.sweep ? ["no --sweep", "both", "it goes through all budgets; leave one out"] : null,
  ),
  needs(/^plan$/, "strategy", ({ given }) =>
    given.workers === undefined
      ? null
      : ["no --workers", "both", "nothing is searched when workers are given; leave one out"],
  ),
  needs(/^plan$/, "strategy", ({ all }) =>
    all.objective === "progress"
      ? ["--objective paper", "progress", "there is only one search for progress"]
      : null,
  ),
  needs(/^schedule$/, "runtime", ({ words: [name] }) =>
    name === "ferret" ? null : ["ferret", `"${name}"`, "other schedules are drawn, not run"],
  ),
];

/**
 * Refuses an option that was given and would have no effect, since the user expects one.
 * @throws InputError that names what takes the option.
 */
export function expectEffect(line: Line): void {
  for (const { option, refuse } of rules) {
    const value = line.given[option];
    if (value === undefined) continue;
    const refusal = refuse(line, value);
    if (!refusal) continue;
    const [expected, received, reason] = refusal;
    throw new InputError(
      `Expected ${expected} with ${flagOf(option)} but received ${received}; ${reason}`,
    );
  }
}

/** A command as commander has read it. */
export function lineOf(command: Command): Line {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  const all = command.opts();
  const given = Object.entries(all).filter(([key]) => command.getOptionValueSource(key) === "cli");
  return { command: names.join(" "), all, given: Object.fromEntries(given), words: command.args };
}

/** The option that names a command's methods, and those it runs; null for one that runs none. */
function methodsOf({ command, all }: Line): [flag: string, names: readonly string[]] | null {
  switch (command) {
    case "run":
      return ["--method", [all.method as string]];
    case "experiment pressure":
      return ["--methods", listed(all.methods)];
    case "experiment forgetting":
      return ["--method", forgettingLearners.map(({ method }) => method)];
    case "demo":
      return ["--method", contenders.map(({ method }) => method)];
    default:
      return null;
  }
}

/** What the run itself tells algorithms, and the option that sets it. */
const ofRun: Readonly<Partial<Record<string, string>>> = {
  seed: "give it as --seed",
  learningRate: "give it as --lr",
  pixels: "the data set says how its images were scaled",
  allocate: "the run gives the memory",
};

/** A setting that none of the algorithms takes; the user's own algorithms check when created. */
function refuseAlgorithmOptions({ command, all }: Line, value: unknown): Refusal {
  const isMany = command.endsWith("forgetting");
  const algorithms = isMany ? listed(all.algorithms) : [all.algorithm as string];
  const flag = isMany ? "--algorithms" : "--algorithm";
  // What is not a setting at all is reported where it is read.
  const parts = listed(value).filter((text) => text.includes("="));
  const names = parts.map((part) => part.split("=")[0]?.trim() ?? "");
  for (const [index, name] of names.entries()) {
    const part = `"${parts[index]}"`;
    if (Object.hasOwn(ofRun, name)) return [`no ${name}`, part, ofRun[name] as string];
    if (names.indexOf(name) < index)
      return ["each setting once", quoted(listed(value)), `leave one ${name} out`];
    const takers = algorithmsThatTake(name);
    // A module may have any settings; an unknown algorithm is reported where it is read.
    if (!algorithms.every((each) => algorithmNames.includes(each)) || name === "") continue;
    if (takers.length === 0) {
      const all = [...new Set(algorithms.flatMap(algorithmSettings))];
      const what = all.length > 0 ? `one of ${all.join(", ")}` : "no settings";
      return [what, `"${name}"`, `these are all the settings of ${algorithms.join(", ")}`];
    }
    if (algorithms.some((each) => takers.includes(each))) continue;
    return [
      `one of ${takers.join(", ")} for ${flag}`,
      quoted(algorithms),
      `other algorithms do not take the setting ${name}`,
    ];
  }
  return null;
}

/** Files are looked for by a data set's name alone. */
function refuseDataDir({ command, all }: Line): Refusal {
  if (command === "datasets" && all.read === undefined) return null;
  const names =
    all.datasets === undefined ? [(all.read ?? all.dataset) as string] : listed(all.datasets);
  if (names.some((name) => name !== "glyphs" && !/[/.]/.test(name))) return null;
  return [
    "a data set by name, such as mnist,",
    quoted(names),
    "glyphs are drawn by the program, and a path already says where the files are",
  ];
}

const listed = (text: unknown) =>
  String(text ?? "")
    .split(",")
    .map((part) => part.trim());
const quoted = (names: readonly string[]) => `"${names.join(",")}"`;
const flagOf = (key: string) =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
