#!/usr/bin/env node
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  describeExplanation,
  describePlan,
  describeSweep,
  explain,
  InputError,
  namedBudgets,
  noOverheads,
  type Plan,
  parsePlan,
  parseProfile,
  planUnder,
  readBytes,
  readDuration,
  type Slots,
  slots,
  sweep,
} from "./index.js";

const help = `Plans an asynchronous pipeline for a model, under a memory budget.

Usage: ferret-plan PROFILE.json --arrival 5ms [--budget 40MiB]

  --arrival <duration>      time between items of the stream, such as 5ms
  --budget <size|name>      such as 40MiB, or min, 2bw, none (default: none)
  --objective <name>        progress: gradients, minus what lateness costs (default);
                            paper: the adaptation rate R
  --partition <list>        first layer of each stage, such as 0,2,5, instead of a search
  --compute-units <count>   cores or devices that share the work (default: one per stage and worker)
  --explain                 say what each stage holds, and what each technique costs and saves
  --sweep                   list what budgets from the least to no limit buy; write no plan
  --out <file>              where the plan is written (default: plan.json)
  --json                    print the plan as JSON, and write it only with --out
  --help

A profile has {"version": 1, "batch", "inputBytes", "layers"}; each layer forwardTime and
backwardTime (ms), parameterBytes and outputBytes. The package's README lists the optional fields.
`;

const defaultOut = "plan.json";

/** A plan with the counts of what an engine allocates for it, for those who cannot call `slots`. */
type WrittenPlan = Plan & { readonly slots: Slots };

function main(words: readonly string[]): void {
  const { values, positionals } = readWords(words);
  if (values.help) {
    print(help);
    return;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0)
    throw new InputError(
      `Expected one file with a profile but received ${positionals.length}; see ferret-plan --help`,
    );
  if (values.arrival === undefined)
    throw new InputError("Expected --arrival, the time between items, such as --arrival 5ms");
  const profile = parseProfile(readJson(path));
  const request = {
    profile,
    arrivalInterval: readDuration(values.arrival, "--arrival"),
    ...readObjective(values.objective),
    ...(values.partition === undefined ? {} : { partition: readList(values.partition) }),
    ...(values["compute-units"] === undefined
      ? {}
      : { computeUnits: readNumber(values["compute-units"], "--compute-units") }),
  };
  if (values.sweep) {
    for (const other of ["budget", "explain", "out"] as const)
      if (values[other] !== undefined)
        throw new InputError(
          `Expected no --${other} with --sweep but received both; a sweep lists many plans, so ` +
            "leave one out",
        );
    const points = sweep(request);
    print(values.json ? JSON.stringify(points) : describeSweep(points));
    return;
  }
  const { plan, budget } = planUnder(readBudget(values.budget), {
    ...request,
    overheads: noOverheads,
  });
  const written: WrittenPlan = {
    ...plan,
    slots: slots(plan.partition, plan.workers, plan.inFlight),
  };
  if (values.out === "")
    throw new InputError(
      "Expected a file name for --out but received an empty text; name a file, or leave --out out",
    );
  if (values.json && values.explain)
    throw new InputError(
      "Expected no --explain with --json but received both; JSON holds only the plan, so leave " +
        "one out",
    );
  const out = values.out ?? (values.json ? undefined : defaultOut);
  if (out !== undefined) write(out, written);
  if (values.json) {
    print(JSON.stringify(written));
    return;
  }
  const parts = [
    describePlan(
      plan,
      profile.layers.map(({ name }) => name),
    ),
  ];
  if (values.explain)
    parts.push(describeExplanation(explain(plan, { ...request, memoryBudget: budget }), plan));
  print(`${parts.join("\n")}\nwritten to ${out}`);
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        arrival: { type: "string" },
        budget: { type: "string" },
        objective: { type: "string" },
        partition: { type: "string" },
        "compute-units": { type: "string" },
        out: { type: "string" },
        explain: { type: "boolean" },
        sweep: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // Node's own sentence, without the hint about positionals.
    const [sentence = ""] = (error as Error).message.split(/\.\s/);
    throw new InputError(`${sentence.replace(/\.$/, "")}; see ferret-plan --help`);
  }
}

function readBudget(text = "none"): Parameters<typeof planUnder>[0] {
  const name = namedBudgets.find((known) => known === text);
  return name ?? readBytes(text, `--budget (or ${namedBudgets.join(", ")})`);
}

function readObjective(name = "progress"): { objective: "progress" | "paper" } {
  if (name === "progress" || name === "paper") return { objective: name };
  throw new InputError(`Expected progress or paper for --objective but received "${name}"`);
}

function readList(text: string): number[] {
  return text.split(",").map((part) => readNumber(part, "--partition"));
}

function readNumber(text: string, name: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InputError(`Expected numbers for ${name} but received "${text}"`);
}

function readJson(path: string): unknown {
  let text: string;
  try {
    if (!statSync(path).isFile()) throw new Error("it is not a regular file");
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(
      `Expected a profile in ${path} but it cannot be read (${(error as Error).message}); name ` +
        "a readable file",
    );
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new InputError(
      `Expected a profile as JSON in ${path} but it does not parse ` +
        `(${(error as Error).message}); write it with a JSON library`,
    );
  }
}

/** Writes the plan whole or not at all; only a plan is ever replaced. */
function write(path: string, plan: WrittenPlan): void {
  if (!isFreeFor(path))
    throw new InputError(
      `Expected a plan or no file yet at ${path} but something else is there; name another file ` +
        "with --out",
    );
  const beside = `${path}.${process.pid}.part`;
  try {
    writeFileSync(beside, `${JSON.stringify(plan, null, 2)}\n`);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new InputError(
      `Expected to be able to write the plan to ${path} but could not ` +
        `(${(error as Error).message}); name another place with --out`,
    );
  }
}

function isFreeFor(path: string): boolean {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
  try {
    parsePlan(JSON.parse(text));
    return true;
  } catch {
    return false;
  }
}

/** A message of the library about its fields, reworded for the command's options. */
function inItsWords(message: string): string {
  return message
    .replace(
      / for memoryBudget but received (\d+) of type number/,
      " for --budget but received $1 bytes",
    )
    .replace(
      / for computeUnits but received (\S+) of type number/,
      " for --compute-units but received $1",
    );
}

function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`ferret-plan: ${inItsWords(error.message)}\n`);
  process.exitCode = 2;
}
