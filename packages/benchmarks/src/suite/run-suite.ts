import { setTimeout as sleep } from "node:timers/promises";
import type { Every } from "@ferret-ocl/pipeline/engine";
import type { ResultRecord } from "../record.js";
import { keyOf, type SuiteCase } from "./case.js";
import type { SuiteStore } from "./store.js";
import type { Outcome, WorkerPool } from "./worker-pool.js";

export interface SuiteOptions {
  readonly cases: readonly SuiteCase[];
  readonly store: SuiteStore;
  readonly pool: WorkerPool;
  /** See `programVersion`. */
  readonly program: string;
  /** What else decides what a case gives: how it is computed, and from which files. */
  readonly worldOf: (one: SuiteCase) => readonly string[];
  /** How often a run is saved on its way, so that one that was ended goes on where it was; null: never. */
  readonly every: Every | null;
  readonly stop: { readonly requested: boolean };
  readonly onRun: (one: SuiteCase, record: ResultRecord, progress: Progress) => void;
  readonly onFailure: (
    one: SuiteCase,
    failure: Extract<Outcome, { kind: "failed" }>,
    progress: Progress,
  ) => void;
  /** Called where all that is left to do here is being done by other processes. */
  readonly onWaiting: (runs: number) => void;
}

export interface Progress {
  /** Runs that are there or have failed, of all. */
  readonly done: number;
  readonly total: number;
}

/** Milliseconds between two looks at what other processes, and signals, have done. */
const look = 500;
/** Milliseconds between two signs of life. */
const pulse = 5_000;

/** What a suite came to. */
export interface SuiteOutcome {
  /** Runs that were there before, made now, made by others meanwhile, and failed. */
  readonly kept: number;
  readonly made: number;
  readonly others: number;
  readonly failed: number;
  /** Milliseconds of mathematics in the runs made now, and of all of their work. */
  readonly mathTime: number;
  readonly workTime: number;
}

/**
 * Makes every run that is not there yet, as many at once as the pool has workers; what another process is at is
 * waited for, and taken over where that one dies. Ends early where it is stopped; what is unfinished is then given
 * back.
 */
export async function runSuite(options: SuiteOptions): Promise<SuiteOutcome> {
  const { cases, store, pool, program, worldOf, every, stop, onRun, onFailure, onWaiting } =
    options;
  const keys = new Map(cases.map((one) => [keyOf(one, [program, ...worldOf(one)]), one]));
  store.open();
  const left = new Set([...keys.keys()].filter((key) => !store.has(key)));
  const total = keys.size;
  const kept = total - left.size;
  let [made, others, failed, mathTime, workTime] = [0, 0, 0, 0, 0];
  const running = new Map<string, Promise<void>>();
  const progress = () => ({ done: kept + made + others + failed, total });

  const begin = (key: string) => {
    const one = keys.get(key) as SuiteCase;
    left.delete(key);
    const began = performance.now();
    const checkpoint = every && store.checkpointsOf(key, every);
    const run = pool.run({ key, case: one, checkpoint }).then((outcome) => {
      running.delete(key);
      if (outcome.kind === "failed") {
        store.release(key);
        failed += 1;
        onFailure(one, outcome, progress());
        return;
      }
      store.add(key, { case: one, program, world: worldOf(one), record: outcome.record });
      made += 1;
      mathTime += outcome.mathTime;
      workTime += performance.now() - began;
      onRun(one, outcome.record, progress());
    });
    running.set(key, run);
  };

  const heart = setInterval(() => store.renew(), pulse);
  try {
    while (!stop.requested && (left.size > 0 || running.size > 0)) {
      if (pool.broken !== null) throw new Error(pool.broken);
      let isWaiting = running.size === 0;
      for (const key of left) {
        if (!pool.hasRoom) break;
        const claim = store.claim(key);
        if (claim === "done") {
          left.delete(key);
          others += 1;
        }
        if (claim === "mine") {
          begin(key);
          isWaiting = false;
        }
      }
      if (isWaiting && left.size > 0) onWaiting(left.size);
      // A signal is seen between two looks.
      await Promise.race([...running.values(), sleep(look)]);
    }
  } finally {
    clearInterval(heart);
    for (const key of running.keys()) store.release(key);
  }
  return { kept, made, others, failed, mathTime, workTime };
}
