import { stderr } from "node:process";
import type { LearnerMetrics, Model, PlanSwitch, SchedulePlan } from "@ferret-ocl/pipeline";
import type { StateParts } from "@ferret-ocl/pipeline/engine";
import type { Plan, Profile } from "@ferret-ocl/planner";
import type { LiveSnapshot } from "@ferret-ocl/server";
import type { Dataset, LabelledData } from "./datasets/contract.js";
import { gitRevision, machineName } from "./environment.js";
import { InputError } from "./errors.js";
import { itemsMetBefore, stretchOf } from "./learned-before.js";
import type { StreamLearner } from "./learners/contract.js";
import { lookAtRun } from "./look-at-run.js";
import type { Machinery } from "./machinery.js";
import { skipSizes } from "./methods/one-stage.js";
import { methodNamed } from "./methods/registry.js";
import { PrequentialAgreement } from "./metrics/agreement.js";
import { exposureOf } from "./metrics/exposure.js";
import { PrequentialAccuracy } from "./metrics/prequential.js";
import { prepareModel } from "./prepare.js";
import { ProgressLine } from "./progress.js";
import type { ResultRecord } from "./record.js";
import { recordData } from "./record-data.js";
import { recordMemory } from "./record-memory.js";
import { recordGivenPlan, recordStart } from "./record-start.js";
import { type CheckpointSetting, RunCheckpoints, type RunIdentity } from "./run-checkpoints.js";
import type { RunSetting, SettingChange } from "./setting.js";
import type { Stream } from "./streams/contract.js";
import { type Assembly, assemble } from "./wire.js";

/** Actions of the first items, enough to draw how the pipeline works. */
const timelineItems = 32;

export interface RunOptions {
  readonly setting: RunSetting;
  readonly dataset: Dataset;
  readonly stream: Stream;
  readonly machinery: Machinery;
  /** What to call the run in tables; default: by method and budget. */
  readonly label?: string;
  /**
   * Called with the model as it is at the end, its parameters layer by layer, and the items that it
   * was taken over.
   */
  readonly onTrained?: (model: Model, parameters: Float32Array, items: number) => void;
  /** Called before the first item and after each, with the number of items so far. */
  readonly onItem?: (done: number, learner: Pick<StreamLearner, "predict">, model: Model) => void;
  /** Where it is saved on its way, and what it goes on from; only of a learner that can be saved. */
  readonly checkpoint?: CheckpointSetting;
  /** What else is saved with it, by name: whatever `onItem` gathers. */
  readonly parts?: Readonly<Record<string, StateParts>>;
  /** Shows the run while it goes on; only of a learner with a plan. */
  readonly show?: (look: (isRead: boolean) => LiveSnapshot) => Promise<{ close(): Promise<void> }>;
  /** Ends the run early with the record so far. */
  readonly stop?: { readonly requested: boolean };
}

/** Milliseconds after which a run lets signals in. */
const breath = 50;

/** A run that is about to begin. */
interface Begun {
  /** When its preparation began, and the memory that was resident then. */
  readonly began: number;
  readonly residentBefore: number;
  readonly model: Model;
  /** What its parameters are where they are not drawn. */
  readonly parameters: Float32Array | undefined;
  readonly accuracy: PrequentialAccuracy;
  readonly agreement: PrequentialAgreement;
  readonly assembly: Assembly;
  readonly checkpoints: RunCheckpoints | null;
}

/**
 * Runs one learner over a stream and gives its record. Whatever fails on the way, the learner is
 * disposed of: threads outlive no run.
 */
export async function run(options: RunOptions): Promise<ResultRecord> {
  const { setting, dataset, stream, machinery } = options;
  expectLabels(setting, stream);
  const began = performance.now();
  expectWithin(setting.changes, stream.itemCount);
  const { model, parameters } = prepareModel(setting.model, dataset.train, setting);
  const accuracy = new PrequentialAccuracy({ items: stream.itemCount, batch: stream.batch });
  const agreement = new PrequentialAgreement(model.classes);
  const residentBefore = process.memoryUsage.rss();
  const progress = new ProgressLine(labelOf(options), stream.itemCount);
  const tell = (message: string) => {
    progress.clear();
    stderr.write(`ferret: ${labelOf(options)}: ${message}\n`);
  };
  const checkpoints = options.checkpoint
    ? new RunCheckpoints(options.checkpoint, identityOf(options), tell)
    : null;
  const assembly = await assemble({
    setting,
    model,
    initialParameters: parameters,
    machinery,
    pixels: dataset.train.pixels,
    onPrediction(correct, predicted, labels) {
      accuracy.add(correct, stream.batch);
      agreement.add(predicted, labels);
    },
    onWarning: tell,
    tracedItems: timelineItems,
    state: checkpoints?.state,
    itemsBefore: checkpoints?.items ?? 0,
  });
  let shown: { close(): Promise<void> } | undefined;
  try {
    checkpoints?.restore(partsOf({ accuracy, agreement }, options), assembly.profile);
    const scores = { accuracy, agreement };
    const begun = { began, residentBefore, model, parameters, ...scores, assembly, checkpoints };
    shown = await options.show?.((isRead) => lookAtRun(setting, begun, isRead));
    return await follow(options, begun, progress);
  } finally {
    progress.clear();
    await shown?.close();
    await assembly.learner.dispose();
  }
}

/** What a run goes by, as far as it must be the same when it goes on. */
function identityOf({ setting, stream, machinery }: RunOptions): RunIdentity {
  return {
    setting,
    runtime: machinery.runtime.name,
    kernels: machinery.kernelsName,
    items: stream.itemCount,
    samples: stream.sampleCount,
  };
}

/** What is counted besides what the learner counts itself. */
function partsOf(
  { accuracy, agreement }: Pick<Begun, "accuracy" | "agreement">,
  { parts }: Pick<RunOptions, "parts">,
) {
  return { ...parts, accuracy: accuracy.parts, agreement: agreement.parts };
}

/** @throws InputError where a change would never come, because the stream ends before. */
function expectWithin(changes: readonly SettingChange[], itemCount: number): void {
  const late = changes.find(({ at }) => at >= itemCount);
  if (late)
    throw new InputError(
      `Expected an item before the stream's end for --change but received ${late.at}, and the stream ` +
        `has ${itemCount} items; name an earlier one or raise --items`,
    );
}

function labelOf({ setting, label }: RunOptions): string {
  return label ?? methodNamed(setting.method).label(setting);
}

/** Takes the learner through the stream. */
async function follow(
  options: RunOptions,
  begun: Begun,
  progress: ProgressLine,
): Promise<ResultRecord> {
  const { setting, dataset, stream, machinery } = options;
  const { began, residentBefore, model, parameters, accuracy, agreement, assembly } = begun;
  const { checkpoints } = begun;
  const { learner, plan } = assembly;
  const actions = () => [...(checkpoints?.actions ?? []), ...learner.actions()];
  const label = labelOf(options);
  const item = {
    x: new Float32Array(stream.batch * stream.inputLength),
    labels: new Int32Array(stream.batch),
    size: stream.batch,
  };
  // Before the learner has changed them.
  const start = recordStart(setting, parameters);
  const started = performance.now();
  let breathed = started;
  const first = checkpoints?.items ?? 0;
  options.onItem?.(first, learner, model);
  for (let k = first; k < stream.itemCount && !options.stop?.requested; k++) {
    for (const change of setting.changes) if (change.at === k) await learner.replan?.(change);
    stream.readItem(k, item.x, item.labels);
    const taken = learner.observe(item);
    if (taken) await taken;
    options.onItem?.(k + 1, learner, model);
    if (checkpoints?.isDue(k + 1) && learner.save) {
      const state = await learner.save();
      const parts = partsOf({ accuracy, agreement }, options);
      await checkpoints.save(state, { items: k + 1, parts, actions: actions() }, assembly.profile);
      // No stream waits on a simulated clock.
      if (setting.engine === "virtual") await checkpoints.written();
    }
    progress.update(k + 1, `online accuracy ${accuracy.oacc.toFixed(1)} %`);
    if (performance.now() - breathed > breath) {
      await new Promise((resolve) => setImmediate(resolve));
      breathed = performance.now();
    }
  }
  progress.clear();
  const residentGrowth = process.memoryUsage.rss() - residentBefore;
  await learner.finish();
  await checkpoints?.written();
  const streamed = performance.now() - started;
  const metrics = learner.metrics();
  // Where the stream was as fast as it could be taken, the pace is what came of it.
  const arrivalInterval =
    setting.arrival === "max"
      ? streamed / Math.max(1, metrics.items - first)
      : assembly.arrivalInterval;
  const timeline = actions();
  const switches = learner.switches?.() ?? [];
  const test = stream.present(dataset.test);
  const tested = Math.min(setting.testSamples ?? test.count, test.count);
  const tacc = testAccuracy(learner, test, tested, item);
  options.onTrained?.(model, learner.parameters(), metrics.items);

  return {
    version: 1,
    setting: `${dataset.name}/${model.name}`,
    dataset: dataset.name,
    data: recordData(dataset),
    model: model.name,
    method: setting.method,
    label,
    experiment: null,
    forgetting: null,
    algorithm: assembly.algorithm,
    algorithmOptions: { ...setting.algorithmOptions },
    startedFrom: start && {
      ...start,
      metBefore: itemsMetBefore(
        dataset.learnedBefore ?? [],
        stretchOf(dataset, setting, metrics.items),
        stream.batch,
      ),
    },
    givenPlan: recordGivenPlan(setting),
    compensation: assembly.compensation,
    optimizer: setting.optimizer ?? "sgd",
    optimizerOptions: { ...setting.optimizerOptions },
    objective: plan ? (setting.objective ?? "progress") : null,
    seed: setting.seed,
    pressure: assembly.profile.sequentialTime / arrivalInterval,
    arrivalInterval,
    engine: setting.engine,
    computeUnits: setting.units.computeUnits ?? setting.units.unitSpeeds?.length ?? null,
    unitSpeeds: setting.units.unitSpeeds ?? null,
    threads: learner.threads?.() ?? null,
    timing: typeof setting.timing === "string" ? setting.timing : "file",
    runtime: machinery.runtime.name,
    batch: setting.batch,
    learningRate: setting.learningRate,
    order: setting.order,
    scale: stream.scale ?? "pixels",
    labelDelay: setting.labelDelay,
    skippedItems: setting.skipItems ?? 0,
    items: metrics.items,
    learned: metrics.admitted,
    dropped: metrics.dropped,
    oacc: accuracy.oacc,
    tacc,
    tested,
    agreement: agreement.scores,
    exposure: exposureOf(stream, metrics.items),
    memory: recordMemory(
      { ...assembly, raisedFrom: assembly.raisedFrom ?? null },
      metrics,
      switches,
      // The versions of earlier plans are no longer counted.
      plan && switches.length === 0 ? versionsSaved(assembly.profile, plan, metrics) : null,
    ),
    plan: plan && {
      stageCount: plan.stageCount,
      workerCount: plan.workerCount,
      partition: [...plan.partition],
      ...(plan.inFlight && { inFlight: [...plan.inFlight] }),
      workers: plan.workers.map(({ recompute, accumulate, omit }) => ({
        recompute,
        accumulate: [...accumulate],
        omit: [...omit],
      })),
      adaptationRate: plan.adaptationRate,
      progress: plan.progress ?? null,
      removedWorkers: plan.removedWorkers,
      prediction: plan.prediction ?? null,
    },
    schedule: assembly.schedule ? recordSchedule(assembly.schedule) : null,
    batchSkip: methodNamed(setting.method).skipsBatches ? (setting.batchSkip ?? skipSizes) : null,
    switches: switches.map(({ from, to, memory, superseded, ...when }) => ({
      ...when,
      from: recordSwitched(from),
      to: recordSwitched(to),
      memory: { ...memory },
      superseded: superseded.map(({ requestedAt, to }) => ({
        requestedAt,
        to: recordSwitched(to),
      })),
    })),
    staleness: metrics.staleness.map((histogram, stage) => ({ stage, histogram: [...histogram] })),
    compensationFaults: metrics.compensationFaults,
    stages: metrics.updates.map((updates, stage) => ({
      gradients: gradientsOf(metrics.staleness[stage] ?? []),
      updates,
    })),
    refusedUpdates: [...metrics.refusedUpdates],
    collapse: metrics.collapse && { ...metrics.collapse },
    latency: { unit: "ms", ...metrics.latency },
    curve: accuracy.curve(),
    timeline,
    throughput: (metrics.items - first) / (streamed / 1000),
    wallTime: performance.now() - began,
    residentGrowth,
    environment: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      cpu: machineName(),
      kernels: machinery.kernelsName,
    },
    gitRevision: gitRevision(),
  };
}

/** @throws InputError where no label would come before the stream ends. */
function expectLabels({ labelDelay }: RunSetting, { itemCount }: Stream): void {
  if (labelDelay >= itemCount)
    throw new InputError(
      `Expected fewer than ${itemCount}, the items of the stream, for --label-delay but received ` +
        `${labelDelay}; ask for fewer, or no label ever arrives`,
    );
}

/** Gradients that a stage has applied, of any staleness. */
function gradientsOf(staleness: readonly number[]): number {
  return staleness.reduce((sum, gradients) => sum + gradients, 0);
}

function recordSwitched({ stageCount, workerCount, memoryBudget }: PlanSwitch["to"]) {
  return { stageCount, workerCount, memoryBudget };
}

function recordSchedule(plan: SchedulePlan) {
  const { deviceCount, microbatchCount, wantedStages, partition, devices } = plan;
  return {
    deviceCount,
    microbatchCount,
    wantedStages,
    partition: [...partition],
    devices: [...devices],
  };
}

/**
 * Accuracy on samples of the test split in percentage points, spread evenly over it; null where there are none.
 * The last item is filled up with what was there before, which does not count.
 */
function testAccuracy(
  learner: StreamLearner,
  test: LabelledData,
  count: number,
  item: { x: Float32Array; labels: Int32Array; size: number },
): number | null {
  const inputLength = item.x.length / item.size;
  if (count === 0) return null;
  const predicted = new Int32Array(item.size);
  let correct = 0;
  for (let first = 0; first < count; first += item.size) {
    const present = Math.min(item.size, count - first);
    for (let sample = 0; sample < present; sample++) {
      const index = Math.floor(((first + sample) * test.count) / count);
      test.read(index, item.x, sample * inputLength);
      item.labels[sample] = test.label(index);
    }
    learner.evaluate(item, predicted);
    for (let sample = 0; sample < present; sample++)
      if (predicted[sample] === item.labels[sample]) correct++;
  }
  return (100 * correct) / count;
}

/**
 * Version bytes that Eq. 4 counts, where every worker keeps its own, less those that were alive
 * at the most in this run, where workers share them.
 */
function versionsSaved(profile: Profile, plan: Plan, { versions }: LearnerMetrics): number {
  const { partition, stageCount, workers } = plan;
  let saved = 0;
  partition.forEach((start, stage) => {
    const bytes = profile.layers
      .slice(start, partition[stage + 1] ?? profile.layers.length)
      .reduce((sum, layer) => sum + layer.parameterBytes, 0);
    const apart = workers.reduce((sum, { accumulate, omit }) => {
      const behind = Math.ceil((stageCount - stage - 1) / (accumulate[stage] as number));
      return sum + Math.max(1, 1 + behind - (omit[stage] as number));
    }, 0);
    saved += (apart - (versions[stage]?.mostHeld as number)) * bytes;
  });
  return saved;
}
