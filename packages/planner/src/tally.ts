import { Effort } from "./effort.js";
import { mostWorkersOf, type Problem } from "./problem.js";
import { groupCount, stashCounts, versionCount } from "./slots.js";
import { StageTerms } from "./stage-terms.js";
import { participation, plainWorkers, type WorkerConfiguration } from "./worker.js";

/** R and ledger bytes of a configuration. */
export interface Score {
  readonly rate: number;
  readonly memory: number;
}

interface Member {
  readonly worker: WorkerConfiguration;
  readonly periods: readonly number[];
  readonly stash: readonly number[];
  /** By stage: started groups of accumulated gradients. */
  readonly groups: readonly number[];
  /** Σ over stages of the value an item brings, before division by the worker's interval. */
  readonly value: number;
  /** Buffers that this worker alone holds. */
  readonly bytes: number;
}

/** About what a look at one stage costs, in the steps of `Effort`. */
const stageSteps = 5;

/**
 * Running sums of R and memory while the search changes one worker at a time. The same numbers as
 * `adaptationRate` and `predictMemory`, but a step costs one worker's stages instead of all.
 */
export class Tally {
  readonly stageCount: number;
  readonly #terms: StageTerms;
  #members: Member[] = [];
  readonly #stashSum: number[];
  readonly #groupSum: number[];
  readonly #accumulating: number[];
  readonly #valueSum: [number, number] = [0, 0];
  #recomputing = 0;
  #memory = 0;
  readonly #effort: Effort;

  /** @param effort is spent on every score that is asked for. */
  constructor(
    problem: Problem,
    workers: readonly WorkerConfiguration[],
    effort: Effort = new Effort(),
  ) {
    this.#effort = effort;
    const { partition } = problem;
    this.stageCount = partition.length;
    this.#terms = new StageTerms(problem);
    this.#stashSum = partition.map(() => 0);
    this.#groupSum = partition.map(() => 0);
    this.#accumulating = partition.map(() => 0);
    for (const worker of workers) this.#add(this.#member(worker));
    this.#memory = this.#total();
  }

  /** Without any technique: as many workers as the stream needs. */
  static plain(problem: Problem, effort?: Effort): Tally {
    const workers = plainWorkers(problem.partition.length, mostWorkersOf(problem));
    return new Tally(problem, workers, effort);
  }

  get workers(): WorkerConfiguration[] {
    return this.#members.map((member) => member.worker);
  }

  /** Whether the patience that scores are asked for with is used up. */
  get isExhausted(): boolean {
    return this.#effort.isExhausted;
  }

  get score(): Score {
    return { rate: this.#rate(...this.#valueSum, this.#members.length), memory: this.#memory };
  }

  /** Score if worker `n` gathered `accumulate` gradients at `stage`: T2 touches nothing else. */
  ifAccumulating(n: number, stage: number, accumulate: number): Score {
    this.#effort.spend(stageSteps);
    const { worker, stash, periods } = this.#members[n] as Member;
    const before = worker.accumulate[stage] as number;
    const held = stash[stage] as number;
    const side = Number(worker.recompute) as 0 | 1;
    const bytes = this.#sharedBytes(
      stage,
      0,
      groupCount(held, accumulate) - groupCount(held, before),
      Number(accumulate > 1) - Number(before > 1),
    );
    const gain =
      this.#terms.gatheredShare(side, accumulate) - this.#terms.gatheredShare(side, before);
    const change = (gain * this.#terms.itemValue(side, stage)) / (periods[stage] as number);
    const [plain, recomputing] = this.#valueSum;
    return {
      rate: this.#rate(
        side === 0 ? plain + change : plain,
        side === 1 ? recomputing + change : recomputing,
        this.#members.length,
      ),
      memory: this.#memory + bytes - this.#sharedBytes(stage, 0, 0, 0),
    };
  }

  /** Score if worker `n` were replaced, or removed where `worker` is null. */
  ifReplaced(n: number, worker: WorkerConfiguration | null): Score {
    this.#effort.spend(stageSteps * this.stageCount);
    const before = this.#members[n] as Member;
    const after = worker === null ? null : this.#member(worker);
    const values: [number, number] = [...this.#valueSum];
    values[Number(before.worker.recompute) as 0 | 1] -= before.value;
    let memory = this.#memory - before.bytes;
    let recomputing = this.#recomputing - Number(before.worker.recompute);
    if (after !== null) {
      values[Number(after.worker.recompute) as 0 | 1] += after.value;
      memory += after.bytes;
      recomputing += Number(after.worker.recompute);
    }
    memory += (Number(recomputing > 0) - Number(this.#recomputing > 0)) * this.#terms.workingSet;
    for (let stage = 0; stage < this.stageCount; stage += 1) {
      let held = -(before.stash[stage] as number);
      let groups = -(before.groups[stage] as number);
      let on = -accumulates(before, stage);
      if (after !== null) {
        held += after.stash[stage] as number;
        groups += after.groups[stage] as number;
        on += accumulates(after, stage);
      }
      if (held === 0 && groups === 0 && on === 0) continue;
      memory += this.#sharedBytes(stage, held, groups, on) - this.#sharedBytes(stage, 0, 0, 0);
    }
    const count = this.#members.length - Number(after === null);
    return { rate: this.#rate(...values, count), memory };
  }

  /** Makes `ifReplaced` real. */
  replace(n: number, worker: WorkerConfiguration | null): void {
    const kept = this.#members;
    kept.splice(n, 1, ...(worker === null ? [] : [this.#member(worker)]));
    // Summed again rather than adjusted: no rounding error builds up over many steps.
    this.#members = [];
    this.#recomputing = 0;
    this.#valueSum.fill(0);
    for (const sums of [this.#stashSum, this.#groupSum, this.#accumulating]) sums.fill(0);
    for (const member of kept) this.#add(member);
    this.#memory = this.#total();
  }

  #member(worker: WorkerConfiguration): Member {
    const side = Number(worker.recompute) as 0 | 1;
    const periods = participation(worker.omit);
    const stash = stashCounts(periods);
    const groups = stash.map((held, stage) => groupCount(held, worker.accumulate[stage] as number));
    let value = 0;
    let bytes = this.#terms.workerBytes;
    for (let stage = 0; stage < this.stageCount; stage += 1) {
      const period = periods[stage] as number;
      value += this.#terms.value(side, stage, period, worker.accumulate[stage] as number);
      bytes += this.#terms.buffers(side, stage, stash[stage] as number);
    }
    return { worker, periods, stash, groups, value, bytes };
  }

  #add(member: Member): void {
    this.#members.push(member);
    this.#recomputing += Number(member.worker.recompute);
    this.#valueSum[Number(member.worker.recompute) as 0 | 1] += member.value;
    for (let stage = 0; stage < this.stageCount; stage += 1) {
      this.#stashSum[stage] = (this.#stashSum[stage] as number) + (member.stash[stage] as number);
      this.#groupSum[stage] = (this.#groupSum[stage] as number) + (member.groups[stage] as number);
      this.#accumulating[stage] =
        (this.#accumulating[stage] as number) + accumulates(member, stage);
    }
  }

  /** Versions, accumulator and compensation of a stage once its sums change by the given amounts. */
  #sharedBytes(stage: number, held: number, groups: number, on: number): number {
    const accumulating = (this.#accumulating[stage] as number) + on > 0;
    const versions = versionCount(
      (this.#stashSum[stage] as number) + held,
      (this.#groupSum[stage] as number) + groups,
      accumulating,
    );
    const repaired = versions > 1 || accumulating ? this.#terms.repairBytes(stage) : 0;
    return (versions - 1 + Number(accumulating)) * this.#terms.weight(stage) + repaired;
  }

  #total(): number {
    let total = this.#terms.fixedBytes + (this.#recomputing > 0 ? this.#terms.workingSet : 0);
    for (const member of this.#members) total += member.bytes;
    for (let stage = 0; stage < this.stageCount; stage += 1)
      total += this.#sharedBytes(stage, 0, 0, 0);
    return total;
  }

  #rate(plain: number, recomputing: number, workerCount: number): number {
    return (
      plain / this.#terms.interval(0, workerCount) +
      recomputing / this.#terms.interval(1, workerCount)
    );
  }
}

/** 1 where the worker accumulates at the stage. */
function accumulates(member: Member, stage: number): number {
  return Number((member.worker.accumulate[stage] as number) > 1);
}
