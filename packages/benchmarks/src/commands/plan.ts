import { referenceKernels } from "@ferret-ocl/compensation";
import { createOptimizer, optimizerNames } from "@ferret-ocl/pipeline";
import { bareChoices, isNearlyFresh, usualChoices } from "@ferret-ocl/pipeline/engine";
import {
  type BudgetedPlan,
  describeExplanation,
  describePlan,
  describeSweep,
  explain,
  lesserRefusal,
  noOverheads,
  type PlanRequest,
  parseProfile,
  planUnder,
  profileWarnings,
  sweep,
} from "@ferret-ocl/planner";
import type { Command } from "commander";
import { profiledMachine } from "../environment.js";
import { InputError, isInput } from "../errors.js";
import { readParsed, writeWhole } from "../files.js";
import { openPlaceOf } from "../folders.js";
import { givenFor } from "../given-plan.js";
import { inOwnWords } from "../own-words.js";
import { parseBudget, parseDuration, parseName } from "../parse.js";
import { drawSweep } from "../report/charts/sweep.js";
import { page } from "../report/page.js";
import { objectives } from "../setting.js";
import { readComputeUnits } from "./compute-units.js";
import { readGivenPlan, withGivenPlanOptions } from "./given-plan.js";
import { announce, print } from "./output.js";
import { attempt } from "./troubles.js";

interface PlanOptions {
  readonly profile: string;
  readonly arrival: string;
  readonly memoryBudget: string;
  readonly objective: string;
  readonly strategy?: string;
  readonly optimizer: string;
  readonly partition?: string;
  readonly workers?: string;
  readonly computeUnits?: string;
  readonly unitSpeeds?: string;
  readonly explain?: boolean;
  readonly sweep?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** `ferret plan`: partition and configuration for a profile under a budget. */
export function definePlan(program: Command): void {
  withGivenPlanOptions(program.command("plan"))
    .description("plan partition and configuration for a profile under a memory budget")
    .requiredOption("--profile <file>", "profile, as ferret profile --json writes it")
    .requiredOption("--arrival <duration>", "time between items, such as 5ms")
    .option("--memory-budget <size|name>", "such as 40MiB, or min, 2bw, none", "none")
    .option(
      "--objective <name>",
      "progress: gradients, minus what lateness costs; paper: the adaptation rate R",
      "progress",
    )
    .option(
      "--strategy <name>",
      "with --objective paper: exact (default), or greedy as in the paper",
    )
    .option(
      "--optimizer <name>",
      `what will turn gradients into steps, for its memory: ${optimizerNames.join(", ")}`,
      "sgd",
    )
    .option("--explain", "say what each stage holds, and what each technique costs and saves")
    .option("--sweep", "list what budgets from the least to no limit buy")
    .option("--out <file>", "with --sweep: draw it, as .svg or .html")
    .option("--json", "print the plan as JSON and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret profile --model mnistnet --json > profile.json\n" +
        "  ferret plan --profile profile.json --memory-budget 40MiB --arrival 5ms --explain\n",
    )
    .action((raw: PlanOptions) => {
      const profile = readParsed(raw.profile, "a profile", parseProfile);
      const request = {
        profile,
        arrivalInterval: parseDuration(raw.arrival, "--arrival"),
        overheads: { ...noOverheads, optimiserVectors: vectorsOf(raw.optimizer) },
        ...readGoal(raw),
        ...givenFor(profile, readGivenPlan(raw)),
        ...readComputeUnits(raw),
      };
      announce(profileWarnings(profile, profiledMachine()));
      if (raw.sweep) return printSweep(raw, request);
      if (raw.out !== undefined)
        throw new InputError(
          "Expected --sweep with --out but it is missing; add --sweep, or leave --out out",
        );
      const [{ plan, budget }, asked] = inWordsOf(raw, () =>
        planCompensated(parseBudget(raw.memoryBudget), request, raw.optimizer),
      );
      if (raw.json) return print(JSON.stringify(plan));
      const names = profile.layers.map(({ name }) => name);
      const parts = [describePlan(plan, names)];
      if (raw.explain)
        parts.push(describeExplanation(explain(plan, { ...asked, memoryBudget: budget }), plan));
      print(parts.join("\n"));
    });
}

/** The planner's errors name its fields: here they are options. */
function inWordsOf<Result>(raw: PlanOptions, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw inOwnWords(error, {
      memoryBudget: { option: "--memory-budget", received: raw.memoryBudget },
      arrivalInterval: { option: "--arrival", received: raw.arrival },
    });
  }
}

/** Vectors as long as the parameters that an optimizer keeps. */
function vectorsOf(name: string): number {
  const known = parseName(name, "--optimizer", optimizerNames);
  return createOptimizer(known, {}, referenceKernels).vectors;
}

/**
 * As `ferret run` does it: without a repair where nothing is late, or where no plan with one fits. Gives what was
 * asked in the end.
 */
function planCompensated<Request extends Parameters<typeof planUnder>[1]>(
  budget: Parameters<typeof planUnder>[0],
  request: Request,
  optimizer: string,
): [BudgetedPlan, Request] {
  if (request.objective !== "progress") return [planUnder(budget, request), request];
  const asked = { ...request, compensations: bareChoices(optimizer) };
  let found: BudgetedPlan;
  try {
    found = planUnder(budget, request);
  } catch (error) {
    if (!isInput(error)) throw error;
    try {
      return [planUnder(budget, asked), asked];
    } catch (bare) {
      throw lesserRefusal(error, bare);
    }
  }
  if (!isNearlyFresh(found.plan)) return [found, request];
  const bare = planUnder(budget, asked);
  return isNearlyFresh(bare.plan) ? [bare, asked] : [found, request];
}

/** What is planned for; for progress with what `ferret run` chooses from. */
function readGoal({
  objective,
  optimizer,
  strategy,
}: PlanOptions): Pick<PlanRequest, "objective" | "compensations" | "optimizer" | "strategy"> {
  if (parseName(objective, "--objective", objectives) === "progress")
    return { objective: "progress", compensations: usualChoices(optimizer), optimizer };
  return { strategy: parseName(strategy ?? "exact", "--strategy", ["exact", "greedy"] as const) };
}

function printSweep(raw: PlanOptions, request: Omit<PlanRequest, "memoryBudget">): void {
  if (raw.workers !== undefined)
    throw new InputError(
      "Expected no --workers with --sweep but received both; a sweep searches for workers, so " +
        "leave one out",
    );
  const kind = raw.out === undefined ? null : /\.(svg|html)$/.exec(raw.out)?.[1];
  if (kind === undefined)
    throw new InputError(
      `Expected a name that ends in .svg or .html for --out but received "${raw.out}"`,
    );
  if (raw.out !== undefined) openPlaceOf(raw.out, "--out");
  const points = inWordsOf(raw, () => sweep(request));
  const { out } = raw;
  if (out !== undefined) {
    const chart = drawSweep(points);
    const html = page(`${request.profile.model}: what memory buys`, [
      `<div class="scroll">${chart}</div>`,
    ]);
    attempt(() => writeWhole(out, kind === "svg" ? chart : html));
  }
  print(raw.json ? JSON.stringify(points) : describeSweep(points));
}
