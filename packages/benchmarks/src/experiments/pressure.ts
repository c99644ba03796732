import { type MethodName, methods } from "../methods/registry.js";
import type { ResultRecord } from "../record.js";
import { run } from "../run.js";
import type { RunSetting } from "../setting.js";
import { createStream } from "../streams/registry.js";
import { type ExperimentOptions, keptRun, measureEvery } from "./every-case.js";

export interface PressureOptions extends ExperimentOptions<ResultRecord> {
  /** What all runs share; method, pressure and seed are replaced. */
  readonly setting: RunSetting;
  readonly methods: readonly MethodName[];
  /** How many times faster items come than one sequential learner takes them. */
  readonly pressures: readonly number[];
}

/** Every method on the same streams, faster and faster, until items must be dropped. */
export function measurePressure(options: PressureOptions): Promise<ResultRecord[]> {
  const { pressures, machinery, stop } = options;
  const cases = pressures.flatMap((pressure) =>
    options.methods.map((method) => ({ method, pressure })),
  );
  return measureEvery(options, cases, {
    name: (one) =>
      `${methods[one.method].label({ ...options.setting, ...one })} at pressure ${one.pressure}`,
    async measure(one, seed, dataset) {
      const setting = { ...options.setting, ...one, seed };
      const stream = createStream(dataset, setting);
      return keptRun(options, { experiment: ["pressure"], setting, stream }, async (checkpoint) => {
        const record = await run({
          setting,
          dataset,
          stream,
          machinery,
          stop,
          ...(checkpoint && { checkpoint }),
        });
        return { ...record, experiment: "pressure" };
      });
    },
  });
}

/** What a run says of its method under pressure. */
export interface PressurePoint {
  /** The method's name in tables. */
  readonly label: string;
  readonly pressure: number;
  readonly seed: number;
  /** Percent of the items. */
  readonly dropped: number;
  /** Online and test accuracy, percentage points. */
  readonly oacc: number;
  readonly tacc: number | null;
  /** Bytes at the peak. */
  readonly memory: number;
}

/** The points of runs that got through their stream. */
export function pressurePoints(records: readonly ResultRecord[]): PressurePoint[] {
  return records.map(({ label, pressure, seed, dropped, items, oacc, tacc, memory }) => ({
    label,
    // As asked: the record's is a ratio of times, right to the last bit but one.
    pressure: Number(pressure.toPrecision(9)),
    seed,
    dropped: (100 * dropped) / Math.max(1, items),
    oacc,
    tacc,
    memory: memory.peak,
  }));
}
