import { memoryCategories, parsePlan } from "@ferret-ocl/planner";
import { InputError } from "../errors.js";
import { isRecord } from "../model/read.js";
import type { LearnerFacts } from "./learner-state.js";

/** Stages, switches and the like: more than any learner has. */
const mostEntries = 1_000_000;

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
const areCounts = (value: unknown): boolean => Array.isArray(value) && value.every(isCount);
const isAmount = (value: unknown): boolean =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

/** By field: whether it is as `LearnerFacts` has it, plan and collapse apart. */
const fits: { readonly [Field in keyof LearnerFacts]?: (value: unknown) => boolean } = {
  model: isText,
  algorithm: isText,
  compensation: isText,
  optimizer: isText,
  held: isCount,
  peak: (peak) =>
    isRecord(peak) &&
    isCount(peak.total) &&
    isRecord(peak.byCategory) &&
    memoryCategories.every((category) => isCount((peak.byCategory as never)[category])),
  switches: (switches) =>
    Array.isArray(switches) && switches.length <= mostEntries && switches.every(isSwitch),
  clock: (clock) =>
    isRecord(clock) &&
    (clock.kind === "virtual"
      ? isCount(clock.now) && isCount(clock.arrival)
      : clock.kind === "threads" && isAmount(clock.mostLate)),
  items: isCount,
  predicted: isCount,
  offered: isCount,
  admitted: isCount,
  counts: (counts) =>
    isRecord(counts) &&
    Array.isArray(counts.staleness) &&
    counts.staleness.every(areCounts) &&
    areCounts(counts.updates) &&
    areCounts(counts.refused) &&
    isCount(counts.deferred) &&
    isCount(counts.faults),
  collapse: (collapse) =>
    collapse === null ||
    (isRecord(collapse) &&
      isCount(collapse.item) &&
      isCount(collapse.window) &&
      (collapse.class === null || isCount(collapse.class))),
  mostHeld: areCounts,
  draws: (draws) => isRecord(draws) && isCount(draws.composing) && isCount(draws.updating),
};

/**
 * The facts of a state as a file holds them.
 * @throws InputError that names the first field that is of another form.
 */
export function readFacts(value: unknown): LearnerFacts {
  const facts: Record<string, unknown> = isRecord(value) ? value : {};
  for (const [field, isFine] of Object.entries(fits))
    if (!isFine(facts[field]))
      throw new InputError(
        `Expected ${field} of the state in a checkpoint in the form that save writes but received ` +
          `${JSON.stringify(facts[field])?.slice(0, 80)}; open a checkpoint of this version of Ferret`,
      );
  return { ...(facts as unknown as LearnerFacts), plan: parsePlan(facts.plan) };
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isSwitch(value: unknown): boolean {
  return (
    isRecord(value) &&
    isCount(value.requestedAt) &&
    isCount(value.completedAt) &&
    isAmount(value.pause) &&
    isRecord(value.from) &&
    isRecord(value.to) &&
    isRecord(value.memory) &&
    Array.isArray(value.superseded)
  );
}
