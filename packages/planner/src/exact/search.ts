import { Effort, type SearchProgress } from "../effort.js";
import type { Outline } from "../outline.js";
import { mostWorkersOf, type Problem } from "../problem.js";
import { undo } from "../repair.js";
import { StageTerms } from "../stage-terms.js";
import { type Score, Tally } from "../tally.js";
import { plainWorkers, type WorkerConfiguration } from "../worker.js";
import { type CaseBound, tighten } from "./bound.js";
import { type ChoiceShape, type Choices, layOut, mayLookCloser, shapeOf } from "./choices.js";
import { solveCase } from "./cover.js";
import { type LooseBound, LooseBounds } from "./loose.js";
import { mix } from "./mix.js";
import { type Open, OpenQueue } from "./queue.js";
import { type Case, configurationOf } from "./relax.js";

/** A partition and its workers, with R and ledger bytes. */
export interface Solution {
  readonly problem: Problem;
  readonly workers: readonly WorkerConfiguration[];
  readonly rate: number;
  readonly memory: number;
}

export interface ExactOutcome {
  readonly solution: Solution;
  /** No configuration within the budget has an R above (1 + gap) times the solution's. */
  readonly gap: number;
}

interface Round {
  /** How far below the case's bound fleets are of interest, as a share. */
  readonly reach: number;
  /** The best of them may be missed by this share. */
  readonly accuracy: number;
}

/** What is done about a case, in turn; most cases are ruled out in an early round. */
const rounds: readonly Round[] = [
  { reach: 0.1, accuracy: 0.3 },
  { reach: 0.01, accuracy: 0.003 },
  { reach: 0.02, accuracy: 0.005 },
  { reach: 0.04, accuracy: 0.01 },
  { reach: 0.08, accuracy: 0.02 },
  { reach: 0.3, accuracy: 0.1 },
  { reach: 1, accuracy: 0.1 },
  { reach: 1, accuracy: 0.02 },
  { reach: 1, accuracy: 0.004 },
  { reach: 1, accuracy: 0 },
];

/** Over a part of the periods, where the bound does not fall: its place in `rounds`. */
const onlyRound = 6;

/** Two sums of the same terms in another order may differ by this, relatively. */
const rounding = 1e-9;

function isBetter(a: Solution, b: Solution): boolean {
  if (Math.abs(a.rate - b.rate) > 1e-12 * b.rate) return a.rate > b.rate;
  if (a.memory !== b.memory) return a.memory < b.memory;
  return a.problem.partition.length < b.problem.partition.length;
}

/**
 * The configuration of the largest R within the budget, over all partitions, by branch and bound,
 * best bound first:
 *
 * ```
 * partition           R without any technique, which only lowers it
 *   case              workers N = 1 .. full (T4), some recompute or none: Lagrangian bound at the
 *                     price of the last good case, then at its own best price
 *     fleet           one worker's Pareto front, then N of them, ever more accurate, at last exact
 * ```
 *
 * The option space, complete except for rules that the paper sets (N <= ceil((t^f + t^b) / t^d), no
 * technique at the last stage): T1 by worker; c^a any whole number by worker and stage; c^o any,
 * which is any chain of periods; any number of workers. What it leaves out of that gains nothing:
 * larger c^a with as many groups and periods of 2P or more lower R and save no byte.
 *
 * @param start a solution within the budget; null where there is no limit.
 */
export class ExactSearch {
  readonly #budget: number;
  readonly #effort: Effort;
  /** Partitions not looked at, cases, and cases that wait for a closer look at their fleets. */
  readonly #partitions = new OpenQueue();
  readonly #cases = new OpenQueue();
  readonly #fleets = new OpenQueue();
  /** By whether it is a closer look, and the number of stages. */
  readonly #shapes: readonly [ChoiceShape[], ChoiceShape[]] = [[], []];
  #found: Solution | null;
  /** The largest R that a thinned search may have missed. */
  #missed = 0;

  constructor(
    outlines: readonly Outline[],
    budget: number,
    start: Solution | null,
    patience: number,
  ) {
    this.#budget = budget;
    this.#effort = new Effort(patience);
    this.#found = start;
    for (const { problem, least, plain } of outlines) {
      if (least.memory > budget) continue;
      const { rate, memory } = plain;
      // Nothing beats no technique where that fits.
      if (memory <= budget) this.#offerPlain(problem, plain);
      else this.#partitions.push({ bound: rate, expand: () => this.#glance(problem, rate) });
    }
  }

  run(onProgress?: (progress: SearchProgress) => void): ExactOutcome {
    for (let step = 1; ; step += 1) {
      const bound = this.#bound;
      if (bound < this.#floor || bound === 0 || this.#effort.isExhausted) break;
      this.#nextQueue(step).pop()?.expand();
      onProgress?.({ used: this.#effort.used, rate: this.#best.rate, bound });
    }
    const gap = Math.max(this.#bound, this.#missed) / this.#best.rate - 1;
    return { solution: this.#best, gap: gap > rounding ? gap : 0 };
  }

  /** Nothing that is left has a larger R; 0 where nothing is. */
  get #bound(): number {
    const queues = [this.#partitions, this.#cases, this.#fleets];
    return Math.max(...queues.map(({ top }) => top?.bound ?? 0));
  }

  /**
   * The queue with the largest bound. But most partitions are ruled out by a good solution, which
   * is found in cases and fleets: now and then these get a turn early.
   */
  #nextQueue(step: number): OpenQueue {
    const early = step % 16 === 0 ? this.#cases : this.#fleets;
    if (step % 8 === 0 && early.top !== null) return early;
    const queues = [this.#fleets, this.#cases, this.#partitions];
    const bound = this.#bound;
    return queues.find(({ top }) => top?.bound === bound) as OpenQueue;
  }

  #push(queue: OpenQueue, open: Open): void {
    if (open.bound >= this.#floor) queue.push(open);
  }

  get #best(): Solution {
    return this.#found as Solution;
  }

  /** A smaller bound than this cannot even tie. */
  get #floor(): number {
    return this.#best.rate * (1 - 1e-12);
  }

  #offer(problem: Problem, tally: Tally): void {
    if (tally.score.memory > this.#budget) return;
    const found = { problem, workers: tally.workers, ...tally.score };
    if (this.#found === null || isBetter(found, this.#found)) this.#found = found;
  }

  #offerPlain(problem: Problem, score: Score): void {
    // Of thousands of partitions only a few are ever the best so far: only these get their workers.
    if (this.#found !== null && !isBetter({ problem, workers: [], ...score }, this.#found)) return;
    const workers = plainWorkers(problem.partition.length, mostWorkersOf(problem));
    this.#found = { problem, workers, ...score };
  }

  /** A partition again, with a bound that knows of the budget. */
  #glance(problem: Problem, plain: number): void {
    const terms = new StageTerms(problem);
    const bound = Math.min(plain, new LooseBounds(terms, true, this.#effort).most(this.#budget));
    this.#push(this.#partitions, { bound, expand: () => this.#open(problem, bound) });
  }

  /** The cases of a partition that may hold something better. */
  #open(problem: Problem, most: number): void {
    // Laid out again: the terms of thousands of waiting partitions would fill the memory.
    const terms = new StageTerms(problem);
    let choices: Choices | null = null;
    const laidOut = () => {
      choices ??= this.#laidOut(terms, false);
      return choices;
    };
    const loose = new LooseBounds(terms, false, this.#effort);
    for (const mayRecompute of [false, true])
      for (let count = terms.fullWorkers; count >= 1; count -= 1) {
        const found = loose.bound(count, mayRecompute, this.#budget);
        if (found === null) continue;
        const expand = () =>
          this.#tightened({ terms, choices: laidOut(), loose, count, mayRecompute }, found);
        this.#push(this.#cases, { bound: Math.min(most, found.bound), expand });
      }
  }

  #laidOut(terms: StageTerms, isCloser: boolean): Choices {
    const known = this.#shapes[Number(isCloser)] as ChoiceShape[];
    const { stageCount } = terms;
    known[stageCount] ??= shapeOf(stageCount, isCloser);
    return layOut(terms, known[stageCount] as ChoiceShape);
  }

  #tightened(one: Case, loose: LooseBound): void {
    const { problem } = one.terms;
    const found = tighten(one, this.#budget, this.#floor, loose.price, this.#effort);
    if (found === null || found.tight.bound < this.#floor) return;
    const mixed = mix(problem, one, this.#budget, this.#effort, found);
    if (mixed !== null) {
      undo(mixed, this.#budget);
      this.#offer(problem, mixed);
    }
    const bound = Math.min(found.tight.bound, loose.bound);
    const round = one.choices.isComplete ? 0 : onlyRound;
    this.#push(this.#fleets, this.#fleet(one, found.tight, bound, round));
  }

  /**
   * The fleets of a case. First only those whose R comes near the case's bound: there are few, so
   * they are found quickly, and where there are none the bound falls. Each round reaches further
   * down, at last to the best solution so far; from then on each looks closer.
   */
  #fleet(one: Case, tight: CaseBound, bound: number, round: number): Open {
    const expand = (): void => {
      const { reach, accuracy } = rounds[round] as Round;
      const floor = Math.max(this.#floor, (1 - reach) * bound);
      const task = {
        one,
        budget: this.#budget,
        bound: tight,
        floor,
        accuracy,
        effort: this.#effort,
      };
      const outcome = solveCase(task);
      if (outcome === null) {
        // Patience has run out: the bound stays.
        this.#missed = Math.max(this.#missed, bound);
        return;
      }
      const { workers } = outcome;
      if (workers !== null) {
        const configurations = workers.map((worker) => configurationOf(one, worker));
        this.#offer(one.terms.problem, new Tally(one.terms.problem, configurations));
      }
      const left = Math.min(bound, outcome.bound);
      const { choices, terms } = one;
      const next = choices.isComplete ? this.#roundBelow(left, round + 1) : null;
      if (next !== null) this.#push(this.#fleets, this.#fleet(one, tight, left, next));
      else if (mayLookCloser(choices, terms.stageCount)) {
        const closer = () => ({ ...one, choices: this.#laidOut(terms, true) });
        const expand = () => this.#tightened(closer(), { price: tight.price, bound: left });
        this.#push(this.#cases, { bound: left, expand });
      }
      // Exact, but for cases whose covered stages or periods were too many to tell apart.
      else this.#missed = Math.max(this.#missed, left);
    };
    return { bound, expand };
  }

  /** The first round from `round` on that may lower a bound; null after the last one. */
  #roundBelow(bound: number, round: number): number | null {
    for (let next = round; next < rounds.length; next += 1) {
      const { reach, accuracy } = rounds[next] as Round;
      const floor = Math.max(this.#best.rate, (1 - reach) * bound);
      if ((1 + accuracy) * floor < bound || next === rounds.length - 1) return next;
    }
    return null;
  }
}
