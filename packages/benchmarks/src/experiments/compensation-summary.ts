import { groupBy } from "../group-by.js";
import { type Estimate, estimate } from "../metrics/statistics.js";
import type { CompensationRun } from "./compensation.js";

/** A method where gradients are late in one way, means over seeds, percentage points. */
export interface CompensationSetting {
  readonly dataset: string;
  readonly order: string;
  readonly learningRate: number;
  readonly staleness: number;
  /** Online accuracy without any staleness. */
  readonly synchronous: number;
  /** By method, in the order of the runs. */
  readonly oacc: ReadonlyMap<string, number>;
  /** By method: how much less than `none` it reaches, seed by seed. */
  readonly loss: ReadonlyMap<string, Estimate>;
}

/** What a method is worth over all settings. */
export interface MethodSummary {
  readonly method: string;
  /** Online accuracy, mean over the settings. */
  readonly oacc: number;
  /**
   * Of what staleness costs `none`, the share that is recovered: mean over the settings where that
   * is more than two points; null where there is none.
   */
  readonly recovered: number | null;
  /** Settings that count for `recovered`. */
  readonly costly: number;
  /**
   * The most that the method falls below `none`, and where. The error is that of the difference by
   * seed; the worst of many settings is a chance find where it is about as large.
   */
  readonly worstLoss: Estimate;
  readonly worstAt: CompensationSetting | null;
  readonly faults: number;
}

/** Points that staleness must cost for a setting to count. */
const costlyLoss = 2;

/** Settings of which every method has a run of every seed that the synchronous one has. */
export function settingsOf(runs: readonly CompensationRun[]): CompensationSetting[] {
  const groups = groupBy(runs, ({ dataset, order, learningRate }) =>
    JSON.stringify([dataset, order, learningRate]),
  );
  return [...groups.values()].flatMap((group) => {
    const synchronous = group.filter(({ staleness }) => staleness === 0);
    const late = groupBy(
      group.filter(({ staleness }) => staleness > 0),
      ({ staleness }) => staleness,
    );
    return [...late].flatMap(([staleness, there]): CompensationSetting[] => {
      const methods = groupBy(there, ({ method }) => method);
      const isWhole = [...methods.values()].every((each) => each.length === synchronous.length);
      const [first] = there;
      if (!isWhole || !first) return [];
      const { dataset, order, learningRate } = first;
      return [
        {
          dataset,
          order,
          learningRate,
          staleness,
          synchronous: mean(synchronous),
          oacc: new Map([...methods].map(([method, each]) => [method, mean(each)])),
          loss: new Map(
            [...methods].map(([method, each]) => [method, lossOf(each, methods.get("none") ?? [])]),
          ),
        },
      ];
    });
  });
}

export function summarise(runs: readonly CompensationRun[]): MethodSummary[] {
  const settings = settingsOf(runs);
  const methods = [...new Set(settings.flatMap(({ oacc }) => [...oacc.keys()]))];
  return methods.map((method) => {
    const there = settings.filter(({ oacc }) => oacc.has(method) && oacc.has("none"));
    const gain = ({ oacc }: CompensationSetting) =>
      (oacc.get(method) as number) - (oacc.get("none") as number);
    const cost = ({ oacc, synchronous }: CompensationSetting) =>
      synchronous - (oacc.get("none") as number);
    const costly = there.filter((setting) => cost(setting) > costlyLoss);
    const worstAt = there.reduce<CompensationSetting | null>(
      (worst, setting) => (gain(setting) < (worst ? gain(worst) : 0) ? setting : worst),
      null,
    );
    return {
      method,
      oacc: average(there.map(({ oacc }) => oacc.get(method) as number)),
      recovered:
        costly.length === 0 ? null : average(costly.map((each) => gain(each) / cost(each))),
      costly: costly.length,
      worstLoss: worstAt?.loss.get(method) ?? noLoss,
      worstAt,
      faults: runs.reduce((sum, run) => sum + (run.method === method ? run.faults : 0), 0),
    };
  });
}

const noLoss: Estimate = { mean: 0, error: null, count: 0 };

/** Of the runs against those of `none` with the same seed. */
function lossOf(runs: readonly CompensationRun[], none: readonly CompensationRun[]): Estimate {
  const base = new Map(none.map(({ seed, oacc }) => [seed, oacc]));
  const losses = runs.flatMap(({ seed, oacc }) => {
    const without = base.get(seed);
    return without === undefined ? [] : [without - oacc];
  });
  return losses.length === 0 ? noLoss : estimate(losses);
}

const average = (values: readonly number[]) => estimate(values).mean;
const mean = (runs: readonly CompensationRun[]) => average(runs.map(({ oacc }) => oacc));
