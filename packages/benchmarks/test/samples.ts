import type { RunSetting } from "../src/config.js";
import type { ResultRecord } from "../src/record.js";

/** A short run on little data; tests say what they change. */
export function setting(change: Partial<RunSetting> = {}): RunSetting {
  return {
    dataset: "glyphs",
    dataDir: undefined,
    model: "mlp",
    weights: undefined,
    method: "ferret",
    algorithm: "vanilla",
    algorithmOptions: {},
    compensation: "none",
    memoryBudget: "none",
    pressure: 8,
    arrival: null,
    items: 40,
    batch: 4,
    learningRate: 0.05,
    order: "iid",
    seed: 0,
    timing: "model",
    engine: "virtual",
    threads: 1,
    changes: [],
    ...change,
  };
}

/** A well-formed record with numbers made up by hand. */
export function record(change: Partial<ResultRecord> = {}): ResultRecord {
  return {
    version: 1,
    setting: "glyphs/mlp",
    dataset: "glyphs",
    model: "mlp",
    method: "ferret",
    label: "Ferret M+",
    algorithm: "vanilla",
    compensation: "iter-fisher",
    compensationFaults: 0,
    seed: 0,
    pressure: 8,
    arrivalInterval: 0.5,
    engine: "virtual",
    realtime: null,
    timing: "model",
    runtime: "native",
    batch: 4,
    learningRate: 0.05,
    order: "iid",
    items: 4,
    learned: 3,
    dropped: 1,
    oacc: 62.5,
    tacc: 50,
    memory: {
      budget: null,
      planned: 2 ** 20,
      paper: 900_000,
      peak: 2 ** 20,
      byCategory: { parameters: 2 ** 19, activations: 2 ** 19 },
      savedBySharing: 1_024,
    },
    plan: {
      stageCount: 2,
      workerCount: 1,
      partition: [0, 2],
      workers: [{ recompute: false, accumulate: [1, 1], omit: [0, 0] }],
      adaptationRate: 0.75,
      removedWorkers: 0,
      prediction: null,
    },
    switches: [],
    staleness: [
      { stage: 0, histogram: [1, 2] },
      { stage: 1, histogram: [3] },
    ],
    latency: { unit: "ms", p50: 1, p90: 2, p99: 2, max: 2 },
    curve: { window: 2, items: [2, 4], oacc: [50, 62.5], windowed: [50, 75] },
    timeline: [
      { worker: 0, stage: 0, kind: "F", item: 0, start: 0, end: 0.25 },
      { worker: 0, stage: 1, kind: "F", item: 0, start: 0.25, end: 0.5 },
      { worker: 0, stage: 1, kind: "B", item: 0, start: 0.5, end: 1 },
      { worker: 0, stage: 1, kind: "U", item: 0, start: 1, end: 1 },
    ],
    throughput: 1_000,
    wallTime: 4,
    environment: { node: "v20", platform: "linux-x64", cpu: "a processor", kernels: "cpu" },
    gitRevision: null,
    ...change,
  };
}
