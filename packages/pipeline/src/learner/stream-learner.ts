import type { BudgetedPlan, NamedBudget, Plan, Profile } from "@ferret-ocl/planner";
import { readDuration } from "@ferret-ocl/planner";
import { checkPlain, checkPlan, checkRecord } from "../check-options.js";
import { writeCheckpoint } from "../checkpoint/folder.js";
import { expected, InputError } from "../errors.js";
import type { RecentActions } from "../metrics/action-ring.js";
import type { WarningListener } from "../metrics/alarm.js";
import { DropWatch } from "../metrics/drop-watch.js";
import type { LearnerMetrics } from "../metrics/metrics-book.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { PlanSwitch } from "./by-hand/replan.js";
import type { LearnerChange, LearnerOf, Samples } from "./contract.js";
import { Life } from "./life.js";
import { planElsewhere } from "./plan/plan-elsewhere.js";
import { carryOut, type PlanOrder } from "./plan/plan-order.js";
import type { Player, Wish } from "./player.js";
import { readSamples } from "./read-samples.js";
import { checkRecipe, type Recipe } from "./recipe.js";
import { readBudget } from "./settings.js";
import type { Task, Truth } from "./task.js";
import { Turns } from "./turns.js";

export interface StreamLearnerParts<Given, Predicted, Observed> {
  readonly model: Model;
  readonly task: Task<Given, Predicted, Observed>;
  readonly profile: Profile;
  readonly compensation: string;
  readonly player: Player;
  readonly first: BudgetedPlan;
  readonly batch: number;
  /** Milliseconds between items. */
  readonly interval: number;
  /** The shortest that the clock can keep up with, where that is the default; null: there is none. */
  readonly fastestInterval: number | null;
  readonly budget: number | NamedBudget;
  /** What a new plan is to be, with the compensation of the first; `given`: a plan made elsewhere. */
  orderFor(
    budget: number | NamedBudget,
    arrivalInterval: number,
    given: Plan | undefined,
  ): PlanOrder;
  /** Whether a change is planned in another thread, while items go on under the old plan. */
  readonly plansAhead: boolean;
  /** Called with a sentence that a person should read. */
  readonly onWarning: WarningListener;
  /** How it was created, as far as its checkpoints tell. */
  readonly recipe: Recipe;
  readonly attachment: unknown;
}

const nothing: Truth = { labels: new Int32Array(0) };

/** Milliseconds. */
const breath = 3;

/** What each call asks of an item. */
const wishes = {
  predict: { predicts: true, learns: false },
  learn: { predicts: false, learns: true },
  observe: { predicts: true, learns: true },
} satisfies Record<string, Wish>;

/** The verbs of a learner over a player: checks samples, takes them batch by batch, in turn. */
export class StreamLearner<Given, Predicted, Observed>
  implements LearnerOf<Given, Predicted, Observed>
{
  readonly model: Model;
  readonly profile: Profile;
  readonly compensation: string;
  readonly #parts: StreamLearnerParts<Given, Predicted, Observed>;
  readonly #inputLength: number;
  /** Calls that learn or change something, in their order. */
  readonly #calls = new Turns();
  /** Changes of plan that are made ahead; what learns goes on meanwhile. */
  readonly #changes = new Turns();
  /** Items of all calls: predictions pass between those of a call that learns many. */
  readonly #turns = new Turns();
  readonly #drops = new DropWatch();
  /** Ends a search for a plan that nobody wants any more. */
  readonly #disposing = new AbortController();
  #breathed = performance.now();
  readonly #life = new Life();
  #planned: BudgetedPlan;
  #interval: number;
  #budget: number | NamedBudget;
  #isFinished = false;
  /** Whether an interval was asked for. */
  #isPaced: boolean;
  /** Checkpoints that are written, one after the other. */
  readonly #files = new Turns();
  readonly attachment: unknown;

  constructor(parts: StreamLearnerParts<Given, Predicted, Observed>) {
    this.#parts = parts;
    this.model = parts.model;
    this.profile = parts.profile;
    this.compensation = parts.compensation;
    this.#planned = parts.first;
    this.#interval = parts.interval;
    this.#budget = parts.budget;
    this.#inputLength = elementCount(parts.model.inputShape);
    this.#isPaced = parts.recipe.arrivalInterval !== null;
    this.attachment = parts.attachment;
  }

  get plan(): Plan {
    return this.#planned.plan;
  }

  get memoryBudget(): number | null {
    return this.#planned.budget;
  }

  async predict(x: Samples): Promise<Predicted> {
    this.#life.expect("predict");
    const samples = readSamples(x, this.#inputLength);
    const { logits } = await this.#take("predict", samples, nothing);
    return this.#parts.task.predictionOf(logits);
  }

  async learn(x: Samples, y: Given): Promise<number> {
    const { samples, truth } = this.#read("learn", x, y);
    return (await this.#calls.take(() => this.#take("learn", samples, truth))).learned;
  }

  async observe(x: Samples, y: Given): Promise<Observed> {
    const { samples, truth } = this.#read("observe", x, y);
    const { learned, logits } = await this.#calls.take(() => this.#take("observe", samples, truth));
    return this.#parts.task.observationOf(logits, truth, learned);
  }

  async finish(): Promise<void> {
    this.#life.expect("finish");
    const changes = this.#changes.settled();
    await this.#calls.take(async () => {
      await changes;
      await this.#turns.take(async () => {
        if (this.#isFinished) return;
        this.#isFinished = true;
        await this.#parts.player.finish();
      });
    });
  }

  async replan(change: LearnerChange): Promise<void> {
    this.#life.expect("replan");
    checkRecord(change, "change");
    const { memoryBudget, arrivalInterval, plan, ...rest } = change;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined)
      throw expected("one of memoryBudget, arrivalInterval, plan", "a field of change", unknown);
    const newBudget = memoryBudget === undefined ? undefined : readBudget(memoryBudget);
    const newInterval =
      arrivalInterval === undefined ? undefined : this.#readInterval(arrivalInterval);
    if (plan !== undefined) checkPlan(plan, this.model);
    const { orderFor, plansAhead, player } = this.#parts;
    const turns = plansAhead ? this.#changes : this.#calls;
    await turns.take(async () => {
      // What changes before this one have left.
      const budget = newBudget ?? this.#budget;
      const interval = newInterval ?? this.#interval;
      this.#life.expect("replan");
      this.#expectOpen("replan");
      const order = orderFor(budget, interval, plan);
      const ahead = plansAhead ? await this.#planAhead(order) : null;
      await this.#turns.take(async () => {
        this.#life.expect("replan");
        this.#expectOpen("replan");
        const next = ahead ?? carryOut(order);
        await player.replan(next.plan);
        this.#planned = next;
        this.#interval = interval;
        this.#budget = budget;
        if (newInterval !== undefined) this.#isPaced = arrivalInterval !== null;
      });
    });
  }

  /** @throws InputError where it is none, or null and the clock has no default. */
  #readInterval(interval: number | string | null): number {
    if (interval !== null) return readDuration(interval, "arrivalInterval");
    const { fastestInterval } = this.#parts;
    if (fastestInterval === null)
      throw expected("a duration such as 5ms, with the virtual clock,", "arrivalInterval", null);
    return fastestInterval;
  }

  async save(folder: string, attachment?: unknown): Promise<string> {
    this.#life.expect("save");
    this.#expectOpen("save");
    if (typeof folder !== "string" || folder === "")
      throw expected("the path of a folder", "folder", folder);
    checkPlain(attachment, "attachment");
    const { player, recipe } = this.#parts;
    checkRecipe(recipe);
    const changes = this.#changes.settled();
    // The attachment is of this moment, whenever the file before is written.
    const told = structuredClone(attachment);
    const taken = this.#calls.take(async () => {
      await changes;
      return this.#turns.take(async () => {
        this.#life.expect("save");
        this.#expectOpen("save");
        const { facts, tensors } = await player.save();
        const settings = {
          ...recipe,
          memoryBudget: this.#budget,
          arrivalInterval: this.#isPaced ? this.#interval : null,
          present: { ...recipe.present, budget: this.#planned.budget },
        };
        return { content: { settings, facts, attachment: told }, tensors };
      });
    });
    // Failures are met below; until then nobody may call them unheard.
    taken.catch(() => {});
    return this.#files.take(async () => {
      const { content, tensors } = await taken;
      return writeCheckpoint(folder, content, tensors);
    });
  }

  async #planAhead(order: PlanOrder): Promise<BudgetedPlan> {
    try {
      return await planElsewhere(order, this.#disposing.signal);
    } catch (error) {
      this.#life.expect("replan");
      throw error;
    }
  }

  switches(): readonly PlanSwitch[] {
    return this.#parts.player.switches();
  }

  parameters(): Float32Array {
    this.#life.expect("parameters");
    return this.#parts.player.parameters();
  }

  metrics(): LearnerMetrics {
    return this.#parts.player.metrics();
  }

  recentActions(): RecentActions {
    return this.#parts.player.recentActions();
  }

  async dispose(): Promise<void> {
    if (!this.#life.dispose()) return;
    this.#disposing.abort();
    await this.#parts.player.dispose();
  }

  #read(call: string, x: Samples, y: Given): { samples: Float32Array; truth: Truth } {
    this.#life.expect(call);
    this.#expectOpen(call);
    const samples = readSamples(x, this.#inputLength);
    const count = samples.length / this.#inputLength;
    return { samples, truth: this.#parts.task.read(y, count) };
  }

  #expectOpen(call: string): void {
    if (this.#isFinished)
      throw new InputError(
        `Expected no ${call} after finish but learning has ended; create another learner`,
      );
  }

  /** Takes samples batch by batch. */
  async #take(
    call: keyof typeof wishes,
    samples: Float32Array,
    { labels, targets }: Truth,
  ): Promise<{ readonly learned: number; readonly logits: Float32Array }> {
    const { player, batch } = this.#parts;
    const { classes } = this.model;
    const wish = wishes[call];
    const length = this.#inputLength;
    const count = samples.length / length;
    const parts: (Promise<Float32Array> | null)[] = [];
    let learned = 0;
    for (let first = 0; first < count; first += batch) {
      const last = Math.min(first + batch, count);
      const item = {
        x: samples.subarray(first * length, last * length),
        labels: labels.subarray(first, last),
        ...(targets && { targets: targets.subarray(first * classes, last * classes) }),
        size: last - first,
      };
      const { isLearned, logits } = await this.#turns.take(() => {
        // Since the call was made, the learner may have ended.
        this.#life.expect(call);
        if (wish.learns) this.#expectOpen(call);
        return player.take(item, wish);
      });
      if (isLearned) learned += item.size;
      if (wish.learns) this.#watchDrops(item.size, isLearned ? item.size : 0);
      parts.push(logits);
      // Failures are met below; until then nobody may call them unheard.
      logits?.catch(() => {});
      await this.#breathe();
    }
    const all = new Float32Array(wish.predicts ? count * classes : 0);
    for (const [index, part] of parts.entries())
      if (part) all.set(await part, index * batch * classes);
    return { learned, logits: all };
  }

  #watchDrops(offered: number, taken: number): void {
    const { plansAhead, onWarning } = this.#parts;
    // Items of the virtual clock come at their interval, so what is dropped was planned.
    if (!plansAhead) return;
    const told = this.#drops.add(offered, taken, this.plan.prediction?.dropRate ?? 0);
    if (told) onWarning(told);
  }

  /** Lets the event loop have a turn, which calls that wait for nothing would keep from it. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathed < breath) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#breathed = performance.now();
  }
}
