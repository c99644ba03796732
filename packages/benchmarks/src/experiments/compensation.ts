import { createCompensator } from "@ferret-ocl/compensation";
import { createOptimizer, type Model } from "@ferret-ocl/pipeline";
import type { Dataset } from "../datasets/contract.js";
import { expectRoom } from "../limits.js";
import type { Machinery } from "../machinery.js";
import { prepareModel } from "../prepare.js";
import type { Stream } from "../streams/contract.js";
import { createStream } from "../streams/registry.js";
import type { Scale } from "../streams/saved-scaling.js";
import { delayedSgd } from "./delayed-sgd.js";
import type { Failure } from "./every-case.js";

/** One run of late gradient descent. */
export interface CompensationRun {
  readonly dataset: string;
  readonly order: string;
  readonly learningRate: number;
  readonly staleness: number;
  /** A compensator, or `exact`: the gradient recomputed when it is applied. */
  readonly method: string;
  readonly seed: number;
  /** Online accuracy, percentage points. */
  readonly oacc: number;
  /** Gradients that diverged, so that compensation was suspended. */
  readonly faults: number;
}

export interface CompensationSweep {
  readonly datasets: readonly string[];
  readonly orders: readonly string[];
  readonly learningRates: readonly number[];
  /** Without 0, which is always measured: there all methods are the same. */
  readonly staleness: readonly number[];
  /** Compensators by name; `none` and `exact` are always included. */
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** A name of `optimizerNames`; its options are the usual ones. */
  readonly optimizer: string;
  readonly model: string;
  /** As in `StreamOptions`, with `passes`. */
  readonly items: number | null;
  readonly mostItems?: number | null;
  readonly passes?: number;
  readonly batch: number;
  readonly scale?: Scale | null;
  readonly loadDataset: (name: string, seed: number) => Promise<Dataset>;
  readonly machinery: Machinery;
  readonly stop: { readonly requested: boolean };
  /** Runs that were made before, which are not made again. */
  readonly finished?: readonly CompensationRun[];
  /** Called after each run that is made. */
  readonly onRun?: (run: CompensationRun, done: number, total: number) => void;
  /** Called with what failed; the rest continues. Default: the first failure ends the sweep. */
  readonly onFailure?: (failure: Failure, done: number, total: number) => void;
}

/** Where late gradients are looked at: one data set in one order. */
interface Place {
  readonly name: string;
  readonly dataset: Dataset;
  readonly model: Model;
  readonly order: string;
  readonly seed: number;
}

/**
 * Every method at every staleness and learning rate on every stream, without the rest of a
 * pipeline. A sweep that is stopped returns the runs that are complete; what fails does not keep
 * the rest from being measured.
 *
 * @throws the first failure where there is no `onFailure`.
 */
export async function sweepCompensation(sweep: CompensationSweep): Promise<CompensationRun[]> {
  const { datasets, orders, learningRates, seeds, stop } = sweep;
  const methods = [...new Set(["none", "exact", ...sweep.methods])];
  const late = sweep.staleness.filter((staleness) => staleness > 0);
  const cases = [
    { method: "none", staleness: 0 },
    ...late.flatMap((staleness) => methods.map((method) => ({ method, staleness }))),
  ];
  const ofOrder = learningRates.length * cases.length;
  const ofDataset = orders.length * ofOrder;
  const total = datasets.length * seeds.length * ofDataset;
  const runs: CompensationRun[] = [];
  const finished = new Map((sweep.finished ?? []).map((run) => [keyOf(run), run]));
  let failed = 0;

  /** Does what several runs are made from; if it fails, the missing ones count as failed. */
  async function attempt(name: string, expected: number, work: () => Promise<void>) {
    const until = runs.length + failed + expected;
    try {
      await work();
    } catch (error) {
      if (!sweep.onFailure) throw error;
      const missing = until - failed - runs.length;
      failed += missing;
      sweep.onFailure({ name, error, runs: missing }, until, total);
    }
  }

  async function measureOrder(place: Place): Promise<void> {
    const { dataset, order, seed } = place;
    const { items, mostItems, passes, batch, scale } = sweep;
    const stream = createStream(dataset, { order, seed, items, mostItems, passes, batch, scale });
    for (const learningRate of learningRates)
      for (const one of cases) {
        const there = finished.get(
          keyOf({ dataset: place.name, order, learningRate, seed, ...one }),
        );
        if (there) {
          runs.push(there);
          continue;
        }
        // Signals come in between runs, which take a fraction of a second.
        await new Promise((resolve) => setImmediate(resolve));
        if (stop.requested) return;
        const name = `${place.name} ${order}, ${one.method}, seed ${seed}`;
        await attempt(name, 1, async () => {
          const run = measure(place, stream, { ...one, learningRate }, sweep);
          runs.push(run);
          sweep.onRun?.(run, runs.length + failed, total);
        });
      }
  }

  for (const name of datasets)
    for (const seed of seeds)
      await attempt(`${name}, seed ${seed}`, ofDataset, async () => {
        if (stop.requested) return;
        const dataset = await sweep.loadDataset(name, seed);
        const { model } = prepareModel(sweep.model, dataset.train);
        // Files that are not the published ones do not go by their name.
        const shown = dataset.origin?.files === "other" ? dataset.name : name;
        for (const order of orders)
          await attempt(`${name} ${order}, seed ${seed}`, ofOrder, () =>
            measureOrder({ name: shown, dataset, model, order, seed }),
          );
      });
  return runs;
}

/** What a run is of. */
function keyOf(run: Omit<CompensationRun, "oacc" | "faults">): string {
  return JSON.stringify([
    run.dataset,
    run.order,
    run.learningRate,
    run.staleness,
    run.method,
    run.seed,
  ]);
}

function measure(
  { name, model, order, seed }: Place,
  stream: Stream,
  {
    method,
    staleness,
    learningRate,
  }: Pick<CompensationRun, "method" | "staleness" | "learningRate">,
  { machinery: { runtime, kernels }, optimizer: step }: CompensationSweep,
): CompensationRun {
  expectRoom(
    4 * (staleness + 1) * model.parameterCount,
    `the weights of ${staleness + 1} versions`,
    "ask for less --staleness or a smaller model",
  );
  const repair = method === "exact" ? ("exact" as const) : createCompensator(method, {}, kernels);
  const optimizer = createOptimizer(step, {}, kernels);
  const common = { model, runtime, kernels, stream, repair, optimizer };
  const result = delayedSgd({ ...common, staleness, learningRate, seed });
  return { dataset: name, order, learningRate, staleness, method, seed, ...result };
}
