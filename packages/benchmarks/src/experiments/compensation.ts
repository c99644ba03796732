import { createCompensator } from "@ferret-ocl/compensation";
import type { Dataset } from "../datasets/contract.js";
import type { Machinery } from "../machinery.js";
import { prepareModel } from "../prepare.js";
import { createStream } from "../streams/registry.js";
import { delayedSgd } from "./delayed-sgd.js";

/** One run of late gradient descent. */
export interface CompensationRun {
  readonly dataset: string;
  readonly order: string;
  readonly learningRate: number;
  readonly staleness: number;
  /** A compensator, or `exact`: the gradient computed anew when it is applied. */
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
  /** Without 0, which is always measured: there all methods are one. */
  readonly staleness: readonly number[];
  /** Compensators by name; `none` and `exact` always run along. */
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly model: string;
  /** As in `StreamOptions`, with `passes`. */
  readonly items: number | null;
  readonly mostItems?: number | null;
  readonly passes?: number;
  readonly batch: number;
  readonly loadDataset: (name: string, seed: number) => Promise<Dataset>;
  readonly machinery: Machinery;
  readonly stop: { requested: boolean };
  /** Called after each run. */
  readonly onRun?: (run: CompensationRun, done: number, total: number) => void;
}

/**
 * Every method at every staleness and learning rate on every stream, nothing else of a pipeline
 * in the way. A sweep that is stopped gives the runs that are complete.
 */
export async function sweepCompensation(sweep: CompensationSweep): Promise<CompensationRun[]> {
  const { datasets, orders, learningRates, seeds, machinery, stop } = sweep;
  const methods = [...new Set(["none", "exact", ...sweep.methods])];
  const late = sweep.staleness.filter((staleness) => staleness > 0);
  const cases = [
    { method: "none", staleness: 0 },
    ...late.flatMap((staleness) => methods.map((method) => ({ method, staleness }))),
  ];
  const total =
    datasets.length * orders.length * learningRates.length * seeds.length * cases.length;
  const runs: CompensationRun[] = [];
  for (const name of datasets)
    for (const seed of seeds) {
      const dataset = await sweep.loadDataset(name, seed);
      const { model } = prepareModel(sweep.model, dataset.train);
      for (const order of orders) {
        const { items, mostItems, passes, batch } = sweep;
        const length = { items, mostItems, passes, batch };
        const stream = createStream(dataset, { order, seed, ...length });
        for (const learningRate of learningRates)
          for (const { method, staleness } of cases) {
            // Signals come in between runs, which take a fraction of a second.
            await new Promise((resolve) => setImmediate(resolve));
            if (stop.requested) return runs;
            const result = delayedSgd({
              model,
              runtime: machinery.runtime,
              kernels: machinery.kernels,
              stream,
              repair:
                method === "exact" ? method : createCompensator(method, {}, machinery.kernels),
              staleness,
              learningRate,
              seed,
            });
            const run = { dataset: name, order, learningRate, staleness, method, seed, ...result };
            runs.push(run);
            sweep.onRun?.(run, runs.length, total);
          }
      }
    }
  return runs;
}
