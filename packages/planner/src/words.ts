import { formatBytes } from "./errors.js";
import type { Explanation } from "./explain.js";
import { groupBy } from "./group-by.js";
import type { MemoryPrediction } from "./memory.js";
import type { Plan } from "./plan-format.js";
import type { SweepPoint } from "./sweep.js";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Each stage's figure, first to last. */
const list = (values: readonly number[]) => values.map((value) => value.toPrecision(3)).join(", ");

/** A plan in words: stages with their layers, workers with their techniques, memory by category. */
export function describePlan(plan: Plan, layerNames: readonly string[]): string {
  const lines = [
    `${plan.model}: ${counted(plan.stageCount, "stage")}, ${counted(plan.workerCount, "worker")}, adaptation rate ` +
      `${plan.adaptationRate.toPrecision(4)} per ms${describeGap(plan.optimalityGap)}`,
    ...describeProgress(plan),
  ];
  plan.partition.forEach((start, stage) => {
    const names = layerNames
      .slice(start, plan.partition[stage + 1] ?? layerNames.length)
      // Names from a file may contain control characters.
      .map((name) => name.replace(/\p{Cc}/gu, "?"));
    lines.push(`  stage ${stage}: ${names.join(", ")}`);
  });
  const alike = groupBy(
    plan.workers.map((worker, index) => ({ index, does: describeWorker(worker) })),
    ({ does }) => does,
  );
  for (const [does, workers] of alike) {
    const several = workers.length > 1;
    lines.push(
      `  ${numbered(workers.map(({ index }) => index))}: ${several ? "each " : ""}${does}`,
    );
  }
  lines.push(describeMemory(plan.memory));
  if (plan.prediction) {
    const { utilisation, dropRate, latency, staleness, stretch } = plan.prediction;
    lines.push(
      `  expected: ${percent(dropRate)} of the items dropped, ${percent(utilisation)} of the units used`,
      `    ms from arrival to update, by stage: ${list(latency)}`,
      `    updates in between, by stage: ${list(staleness)}`,
    );
    if (stretch > 1)
      lines.push(`    stages take ${stretch.toFixed(2)} times as long for lack of units`);
  }
  return lines.join("\n");
}

function describeWorker({ recompute, accumulate, omit }: Plan["workers"][number]): string {
  const techniques = [
    recompute ? "recomputes activations" : "",
    accumulate.some((count) => count > 1) ? `accumulates ${accumulate.join("/")} gradients` : "",
    omit.some((count) => count > 0) ? `omits ${omit.join("/")} backward passes` : "",
  ].filter(Boolean);
  return techniques.join(", ") || "no technique";
}

/** `worker 3`, or `workers 0 to 4, 7`. */
function numbered(workers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const worker of workers) {
    const last = runs.at(-1);
    if (last && last[1] === worker - 1) last[1] = worker;
    else runs.push([worker, worker]);
  }
  const texts = runs.flatMap(([first, last]) => {
    if (first === last) return [String(first)];
    return last === first + 1 ? [String(first), String(last)] : [`${first} to ${last}`];
  });
  return `worker${workers.length > 1 ? "s" : ""} ${texts.join(", ")}`;
}

function describeProgress({ progress, compensation }: Plan): string[] {
  if (progress === undefined) return [];
  return [`  progress ${progress.toFixed(3)} of an item, compensation ${compensation}`];
}

function describeGap(gap: number | undefined): string {
  if (gap === undefined) return "";
  return gap === 0
    ? ", the highest possible"
    : `, at most ${percent(gap)} below the highest possible`;
}

function describeMemory({ total, byCategory }: MemoryPrediction): string {
  const parts = Object.entries(byCategory)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([category, bytes]) => `    ${category.padEnd(14)}${formatBytes(bytes).padStart(12)}`);
  return [`  memory ${formatBytes(total)}`, ...parts].join("\n");
}

const techniqueNames = {
  T1: "T1 recompute",
  T2: "T2 accumulate",
  T3: "T3 omit",
  T4: "T4 one worker fewer",
} as const;

/** Signed, so that costs and savings read as such. */
function change(value: number, text: string): string {
  return `${value < 0 ? "-" : "+"}${text}`;
}

/** What stages hold, and what techniques change compared with the plan without each. */
export function describeExplanation(
  { stages, techniques, nextMebibyte }: Explanation,
  plan: Plan,
): string {
  const lines = ["  stages hold"];
  for (const [stage, each] of stages.entries()) {
    const { versions, inFlight, bytes, forwardTime, backwardTime, compensationTime } = each;
    const repair = compensationTime > 0 ? ` + ${compensationTime.toPrecision(3)} to repair` : "";
    lines.push(
      `    stage ${stage}: ${counted(versions, "weight version")} of ${formatBytes(bytes.parameters)}, ` +
        `${counted(inFlight, "item")} in flight with ${formatBytes(bytes.activations)} of activations, ` +
        `accumulator ${formatBytes(bytes.accumulator)}, boundary ${formatBytes(bytes.boundary)}; ` +
        `${forwardTime.toPrecision(3)} + ${backwardTime.toPrecision(3)}${repair} ms`,
    );
  }
  lines.push(
    techniques.length === 0 ? "  no technique is in use" : "  compared with the plan without it",
  );
  // Identical workers differ only in their number.
  const told = groupBy(techniques, (each) => {
    const { technique, stage, setting } = each;
    return [technique, stage, setting, describeChanges(each)].join();
  });
  for (const alike of told.values()) {
    const [each] = alike as [Explanation["techniques"][number]];
    const { technique, stage, setting } = each;
    const workers = alike.flatMap(({ worker }) => (worker === null ? [] : [worker]));
    const place = [
      workers.length === 0 ? "" : ` ${numbered(workers)}`,
      stage === null ? "" : ` stage ${stage}: ${setting}`,
    ].join("");
    const of = workers.length > 1 ? "each " : "";
    lines.push(`    ${techniqueNames[technique]}${place}: ${of}${describeChanges(each)}`);
  }
  if (nextMebibyte !== null)
    lines.push(
      nextMebibyte.progress === undefined || plan.progress === undefined
        ? `  1 MiB more would buy ${(nextMebibyte.rate - plan.adaptationRate).toPrecision(3)} per ms`
        : `  1 MiB more would buy ${(nextMebibyte.progress - plan.progress).toFixed(3)} of progress`,
    );
  return lines.join("\n");
}

function describeChanges({
  rateChange,
  progressChange,
  memoryChange,
}: Explanation["techniques"][number]): string {
  const rate = change(rateChange, Math.abs(rateChange).toPrecision(3));
  const memory = change(memoryChange, formatBytes(Math.abs(memoryChange)));
  const progress =
    progressChange === undefined
      ? ""
      : `progress ${change(progressChange, Math.abs(progressChange).toFixed(3))}, `;
  return `${progress}rate ${rate} per ms, memory ${memory}`;
}

/** One row per budget. */
export function describeSweep(points: readonly SweepPoint[]): string {
  const isForProgress = points.some(({ progress }) => progress !== undefined);
  const rows = [
    [
      "budget",
      ...(isForProgress ? ["progress"] : []),
      "rate, per ms",
      "stages",
      "workers",
      "dropped",
    ],
    ...points.map(({ memoryBudget, adaptationRate, progress, plan }) => [
      formatBytes(memoryBudget),
      ...(isForProgress ? [(progress ?? 0).toFixed(3)] : []),
      adaptationRate.toPrecision(4),
      String(plan.stageCount),
      String(plan.workerCount),
      percent(plan.prediction?.dropRate ?? 0),
    ]),
  ];
  return rows.map((row) => row.map((cell) => cell.padStart(14)).join("")).join("\n");
}
