import { type Plan, type Profile, parsePlan, parseProfile } from "@ferret-ocl/planner";
import type { PartReference } from "./clock/threads/part-reference.js";
import { expected, InputError } from "./errors.js";
import type { SchedulePlan } from "./learner/plan/schedule-plan.js";
import type { Ledger } from "./memory/ledger.js";
import type { Model } from "./model/spec.js";
import { createOrder } from "./schedule/orders.js";

// Checks of a learner's options, before anything is created: a wrong option is named here, and not
// by whatever would stumble over it later.

/** Options of every learner. */
interface CommonOptions {
  readonly model: Model;
  readonly profile: Profile;
  readonly ledger: Ledger;
  readonly seed: number;
}

/** @throws InputError if these are not options, or contradict each other. */
export function checkCommon(options: CommonOptions): void {
  checkRecord(options, "options");
  const { model, profile, ledger, seed } = options;
  checkModel(model);
  checkProfile(profile, model);
  checkMembers(ledger, "ledger", ["allocate", "release", "limit"]);
  if (!Number.isSafeInteger(seed)) throw expected("a whole number", "seed", seed);
}

export function checkModel(model: Model): void {
  checkRecord(model, "model");
  if (!Array.isArray(model.layers) || !Number.isInteger(model.parameterCount))
    throw expected("a model", "model", model, "make it with parseModel");
}

/** Checks that a profile is of this model: the same number of parameters layer by layer. */
function checkProfile(profile: Profile, { name, layers }: Model): void {
  const read = parseProfile(profile);
  const remedy = "profile this model";
  if (read.layers.length !== layers.length)
    throw expected(
      `a profile of the ${layers.length} layers of the model "${name}"`,
      "profile.layers",
      read.layers.length,
      remedy,
    );
  layers.forEach(({ parameterCount }, index) => {
    const found = read.layers[index]?.parameterBytes;
    if (found !== 4 * parameterCount)
      throw expected(
        `${4 * parameterCount}, as of the model "${name}",`,
        `profile.layers[${index}].parameterBytes`,
        found,
        remedy,
      );
  });
}

/** @throws InputError if it is not a plan, or has more layers than the model. */
export function checkPlan(plan: Plan, model: Model): void {
  const { partition } = parsePlan(plan);
  const last = partition.at(-1) as number;
  if (last < model.layers.length) return;
  throw expected(
    `stages that begin below layer ${model.layers.length}, the end of the model "${model.name}",`,
    "plan.partition",
    partition,
    "plan for this model",
  );
}

/** Members that must be functions, of an object that the caller provides. */
export function checkMembers(value: unknown, name: string, members: readonly string[]): void {
  checkRecord(value, name);
  for (const member of members)
    checkFunction((value as Record<string, unknown>)[member], `${name}.${member}`);
}

export function checkFunction(value: unknown, name: string): void {
  if (typeof value !== "function") throw expected("a function", name, value);
}

export function checkRecord(value: unknown, name: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw expected("an object", name, value);
}

/** @throws InputError if it does not name a function and its first arguments. */
export function checkReference(reference: PartReference, name: string): void {
  checkRecord(reference, name);
  const { module, export: exported, arguments: first } = reference;
  if (typeof module !== "string")
    throw expected("a module's name or URL", `${name}.module`, module);
  if (typeof exported !== "string")
    throw expected("the name of a function", `${name}.export`, exported);
  if (!Array.isArray(first)) throw expected("an array", `${name}.arguments`, first);
}

/** @throws InputError if it cannot be passed to a thread. */
export function checkCloneable(value: unknown, name: string): void {
  try {
    structuredClone(value);
  } catch (error) {
    throw new InputError(
      `Expected plain data for ${name} but it cannot be passed to a thread ` +
        `(${(error as Error).message}); name what makes it instead`,
    );
  }
}

/**
 * @throws InputError if JSON would keep something else of it: it has to be made of objects, arrays, texts,
 *   finite numbers, true, false and null. Undefined is nothing.
 */
export function checkPlain(value: unknown, name: string): void {
  if (value === undefined) return;
  const wrong = foreignPart(value, name, 0);
  if (wrong === null) return;
  throw new InputError(
    `Expected plain data that JSON keeps as it is for ${name} but ${wrong}; convert it to numbers, texts ` +
      "and lists of them",
  );
}

/** Levels of plain data. */
const mostLevels = 48;

/** What JSON does not keep, as part of a sentence; null: there is nothing. */
function foreignPart(value: unknown, path: string, level: number): string | null {
  if (value === null || typeof value === "string" || typeof value === "boolean") return null;
  if (typeof value === "number") {
    if (Number.isFinite(value) && !Object.is(value, -0)) return null;
    return `${path} is ${Object.is(value, -0) ? "-0" : value}`;
  }
  if (typeof value !== "object") return `${path} is of type ${typeof value}`;
  if (level > mostLevels) return `it is nested more than ${mostLevels} deep`;
  const kind = Object.getPrototypeOf(value);
  const isPlainObject = kind === null || kind === Object.prototype;
  if (!isPlainObject && !Array.isArray(value)) return `${path} is a ${kind.constructor?.name}`;
  for (const [key, part] of Object.entries(value)) {
    const wrong =
      part === undefined && !Array.isArray(value)
        ? null
        : foreignPart(part, `${path}.${key}`, level + 1);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** What a learner on the virtual clock computes with. */
export function checkMachine(options: {
  readonly runtime: unknown;
  readonly compensator: unknown;
  readonly optimizer?: unknown;
  readonly kernels: unknown;
  readonly onAction?: unknown;
}): void {
  const { runtime, compensator, optimizer, kernels, onAction } = options;
  checkMembers(runtime, "runtime", ["compile", "layerScratchBytes"]);
  checkMembers(compensator, "compensator", ["init", "update"]);
  if (optimizer !== undefined) checkOptimizer(optimizer);
  checkMembers(kernels, "kernels", ["sgd", "add"]);
  if (onAction !== undefined) checkFunction(onAction, "onAction");
}

/** @throws InputError unless it can make steps, and says what it keeps. */
export function checkOptimizer(optimizer: unknown): void {
  checkMembers(optimizer, "optimizer", ["init", "step"]);
  const { vectors } = optimizer as { readonly vectors: unknown };
  if (!(Number.isInteger(vectors) && (vectors as number) >= 0))
    throw expected("a whole number of at least 0", "optimizer.vectors", vectors);
}

/** @throws InputError unless it is a time between items, milliseconds. */
export function checkInterval(interval: unknown): void {
  if (!(typeof interval === "number" && interval > 0 && Number.isFinite(interval)))
    throw expected("a positive number of milliseconds", "arrivalInterval", interval);
}

/** @throws InputError if it is not a plan of a schedule for this model. */
export function checkSchedulePlan(plan: SchedulePlan, { layers }: Model): void {
  checkRecord(plan, "plan");
  const { partition, schedule, deviceCount, microbatchCount } = plan;
  const isCut =
    Array.isArray(partition) &&
    partition[0] === 0 &&
    partition.every((first, stage) => stage === 0 || first > partition[stage - 1]) &&
    partition.every((first) => Number.isInteger(first) && first < layers.length);
  if (!isCut)
    throw expected(
      `rising layer indices from 0 to below ${layers.length}`,
      "plan.partition",
      partition,
      "make the plan with planSchedule",
    );
  createOrder(schedule, deviceCount, microbatchCount);
}
