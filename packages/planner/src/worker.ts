import { checkArray, checkBoolean, checkObject, checkWhole } from "./check.js";
import { expected } from "./errors.js";

/** The techniques of one active worker, by stage. A worker removed by T4 is not listed at all. */
export interface WorkerConfiguration {
  /** T1, c^r: recompute activations in the backward pass. */
  readonly recompute: boolean;
  /** T2, c^a: gradients gathered before a stage updates; 1 is off. */
  readonly accumulate: readonly number[];
  /** T3, c^o: after a backward pass, this many following items have none at the stage; 0 is off. */
  readonly omit: readonly number[];
}

/** `workerCount` workers without any technique. */
export function plainWorkers(stageCount: number, workerCount: number): WorkerConfiguration[] {
  checkWhole(stageCount, "stageCount", 1);
  checkWhole(workerCount, "workerCount", 1);
  return Array.from({ length: workerCount }, () => ({
    recompute: false,
    accumulate: new Array<number>(stageCount).fill(1),
    omit: new Array<number>(stageCount).fill(0),
  }));
}

/** Checks workers from outside: one entry per stage, and no omission at the last stage. */
export function checkWorkers(
  value: unknown,
  name: string,
  stageCount: number,
): WorkerConfiguration[] {
  const workers = checkArray(value, name);
  if (workers.length === 0) throw expected("at least one worker", name, value);
  return workers.map((entry, index) => {
    const at = `${name}[${index}]`;
    const worker = checkObject(entry, at);
    const perStage = (field: string, least: number) => {
      const values = checkArray(worker[field], `${at}.${field}`);
      if (values.length !== stageCount)
        throw expected(`${stageCount} entries, one per stage,`, `${at}.${field}`, values);
      return values.map((item, stage) => checkWhole(item, `${at}.${field}[${stage}]`, least));
    };
    const omit = perStage("omit", 0);
    if (omit.at(-1) !== 0) throw expected("0 at the last stage", `${at}.omit`, omit);
    return {
      recompute: checkBoolean(worker.recompute, `${at}.recompute`),
      accumulate: perStage("accumulate", 1),
      omit,
    };
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Least common multiple; stays at 2^53 - 1 where it would no longer be exact ("never again"). */
export function leastCommonMultiple(a: number, b: number): number {
  if (a === Number.MAX_SAFE_INTEGER || b === Number.MAX_SAFE_INTEGER)
    return Number.MAX_SAFE_INTEGER;
  const multiple = (a / greatestCommonDivisor(a, b)) * b;
  return Math.min(multiple, Number.MAX_SAFE_INTEGER);
}

/**
 * L_i = LCM{ c^o_k + 1 : k >= i }: stage i takes part in the backward pass of a worker's item q
 * (counted over the items that it admitted) iff q mod L_i = 0, because it only gets a gradient when
 * every later stage ran its backward pass for that item.
 */
export function participation(omit: readonly number[]): number[] {
  const periods = new Array<number>(omit.length);
  let period = 1;
  for (let stage = omit.length - 1; stage >= 0; stage -= 1) {
    period = leastCommonMultiple(period, (omit[stage] as number) + 1);
    periods[stage] = period;
  }
  return periods;
}
