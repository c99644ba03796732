import { z } from "zod";
import { InputError } from "./errors.js";
import { parseJson } from "./input-file.js";
import { recordedData } from "./record-data.js";
import { engines, objectives } from "./setting.js";
import { scales } from "./streams/saved-scaling.js";

const count = z.int().nonnegative();
/** Percentage points; rounding may pass the bounds by a hair. */
const percentage = z
  .number()
  .min(-1e-9)
  .max(100 + 1e-9);
const points = z.array(z.number()).max(200).readonly();
const percentages = z.array(percentage).max(200).readonly();

const curve = z
  .object({
    /** Items that `windowed` looks back over. */
    window: z.int().positive(),
    items: points,
    /** Percentage points after as many items. */
    oacc: percentages,
    windowed: percentages,
  })
  .refine(({ items, oacc, windowed }) => [oacc, windowed].every((c) => c.length === items.length), {
    error: "expected items, oacc and windowed of one length",
  })
  .readonly();

const memory = z
  .object({
    /** Bytes, as all of these; null: no limit. */
    budget: z.number().nullable(),
    /** What the budget was by its name, where that is less than the least a plan needs. */
    raisedFrom: z.number().nullable().default(null),
    planned: z.number().positive(),
    plannedByCategory: z
      .record(z.string(), z.number().nonnegative())
      .readonly()
      .nullable()
      .default(null),
    /** Eq. 4 of the paper. */
    paper: z.number().nullable(),
    /** The most that the ledger had given out. */
    peak: z.number().positive(),
    byCategory: z.record(z.string(), z.number().nonnegative()).readonly(),
    /** What the paper's unshared weight versions would have taken on top; null where plans changed. */
    savedBySharing: z.number().nullable(),
    /**
     * If plans changed: each of them, with the first item under it. The figures above are those of
     * the plan that held most.
     */
    plans: z
      .array(
        z
          .object({
            from: count,
            budget: z.number().nullable(),
            planned: z.number().positive(),
            measured: z.number().nonnegative(),
          })
          .readonly(),
      )
      .readonly()
      .default([]),
  })
  .readonly();

/** Per worker T1, and per stage of it T2 and T3. */
const workers = z
  .array(
    z
      .object({
        recompute: z.boolean(),
        accumulate: z.array(z.int().positive()).readonly(),
        omit: z.array(count).readonly(),
      })
      .readonly(),
  )
  .readonly();

const plan = z
  .object({
    stageCount: z.int().positive(),
    workerCount: z.int().positive(),
    /** First layer of every stage. */
    partition: z.array(count).readonly(),
    /** Most items in flight at each stage, where workers share its slots. */
    inFlight: z.array(count).readonly().optional(),
    workers,
    adaptationRate: z.number(),
    /** `expectedProgress` where the plan was chosen for it; null where R was planned for. */
    progress: z.number().nonnegative().nullable().default(null),
    removedWorkers: count,
    /** What the plan expects of a long stream; null for a plan that does not say. */
    prediction: z
      .object({
        utilisation: z.number(),
        dropRate: z.number(),
        /** By stage: ms from an item's arrival to its update, updates that a gradient is late. */
        latency: z.array(z.number()).readonly(),
        staleness: z.array(z.number()).readonly(),
        stretch: z.number(),
      })
      .readonly()
      .nullable(),
  })
  .readonly();

/** See `Agreement` in metrics/agreement.ts. */
const agreement = z
  .object({
    /** Percentage points, as `noChange`: accuracy of the most frequent label so far. */
    majority: z.number().min(0).max(100),
    /** Accuracy of the previous label as the prediction. */
    noChange: z.number().min(0).max(100),
    /** At most 1, as `kappaTemporal`; null where chance alone gets all right. */
    kappa: z.number().max(1).nullable(),
    kappaTemporal: z.number().max(1),
  })
  .readonly();

/** See `Exposure` in metrics/exposure.ts. */
const exposure = z
  .object({
    /** Of the training split. */
    samples: count,
    /** Those that came at all, and how often one of them did. */
    seen: count,
    least: count,
    most: count,
  })
  .readonly();

/** How a compared schedule ran the model. */
const schedule = z
  .object({
    deviceCount: z.int().positive(),
    /** Of a flush, where there is one. */
    microbatchCount: z.int().positive(),
    /** Stages that the schedule asks for, more than there are where layers are too few. */
    wantedStages: z.int().positive().nullable().default(null),
    /** First layer of every stage. */
    partition: z.array(count).readonly(),
    /** The device of every stage. */
    devices: z.array(count).readonly(),
  })
  .readonly();

const switchedPlan = z
  .object({
    stageCount: z.int().positive(),
    workerCount: z.int().positive(),
    memoryBudget: z.number().nullable(),
  })
  .readonly();

/** The weights that a run began with where they were not drawn. */
const start = z
  .object({
    /** The file or folder, as given. */
    path: z.string(),
    /** First digits of the SHA-256 of the parameters, float32 in the order of the layers. */
    sha256: z.string(),
    /** Items of this run that the model had been taken over before it was saved. */
    metBefore: count.default(0),
  })
  .readonly();

/** A change of plans while the stream flowed. */
const planSwitch = z
  .object({
    /** Items that had come when it was requested, and when it was complete. */
    requestedAt: count,
    completedAt: count,
    /** Milliseconds on the run's clock in which no item was taken in. */
    pause: z.number().nonnegative(),
    from: switchedPlan,
    to: switchedPlan,
    /** Ledger bytes before, between the plans, and after. */
    memory: z.object({ before: z.number(), between: z.number(), after: z.number() }).readonly(),
    /** Requests before it that it replaced while the pipeline emptied for them. */
    superseded: z
      .array(z.object({ requestedAt: count, to: switchedPlan }).readonly())
      .readonly()
      .default([]),
  })
  .readonly();

const threads = z
  .object({
    /** Threads that computed. */
    count: z.int().positive(),
    /** The longest time by which an item came late, because predictions lagged, ms. */
    mostLate: z.number().nonnegative(),
    /** Predictions, forward and backward passes done. */
    actions: count,
    /** Mean microseconds of the math of one, and of choosing, beginning and ending it. */
    mathTime: z.number().nonnegative(),
    schedulingTime: z.number().nonnegative(),
  })
  .readonly();

const timedAction = z
  .object({
    worker: count,
    stage: count,
    /** Forward, backward, weight gradient where that is apart, update. */
    kind: z.enum(["F", "B", "W", "U"]),
    item: count,
    /** Milliseconds, as `end`. */
    start: z.number(),
    end: z.number(),
  })
  .readonly();

/** What an experiment on forgetting measured beside: accuracies by task, percentage points. */
const forgetting = z
  .object({
    tasks: z
      .array(z.object({ firstItem: count, classes: z.array(count).readonly() }).readonly())
      .readonly(),
    /** One row before the first task and after each, one column per task. */
    overall: z.array(z.array(percentage).readonly()).readonly(),
    within: z.array(z.array(percentage).readonly()).readonly(),
  })
  .readonly();

const resultRecord = z
  .object({
    version: z.literal(1),
    /** Data set and model: `mnist/mnistnet`. */
    setting: z.string(),
    dataset: z.string(),
    /** Null for a data set that does not say where it comes from. */
    data: recordedData.nullable().default(null),
    model: z.string(),
    /** As it was named: reports need no learner. */
    method: z.string().min(1),
    /** The learner's name in tables: `Oracle`, `1-Skip`, `Ferret M-`. */
    label: z.string(),
    /** The experiment that made the run, `forgetting` or `pressure`; otherwise null. */
    experiment: z.string().nullable().default(null),
    forgetting: forgetting.nullable().default(null),
    algorithm: z.string(),
    /** Its settings as given; null in an older record. */
    algorithmOptions: z
      .record(z.string(), z.union([z.number(), z.boolean(), z.string()]))
      .readonly()
      .nullable()
      .default(null),
    /** Null if the weights were drawn, and in an older record. */
    startedFrom: start.nullable().default(null),
    /** What was given for the plan instead of a search; null if all of it was searched. */
    givenPlan: z
      .object({
        partition: z.array(count).readonly(),
        workers: workers.nullable(),
        inFlight: z.array(count).readonly().optional(),
      })
      .readonly()
      .nullable()
      .default(null),
    compensation: z.string(),
    /**
     * What turned gradients into steps, with its settings as given; plain descent in an older
     * record.
     */
    optimizer: z.string().default("sgd"),
    optimizerOptions: z
      .record(z.string(), z.union([z.number(), z.boolean(), z.string()]))
      .readonly()
      .default({}),
    /**
     * What the plan was chosen for; null for learners without one, and `paper` in an older record.
     */
    objective: z.enum(objectives).nullable().default("paper"),
    seed: z.int(),
    /** Sequential learning time of an item by the arrival interval. */
    pressure: z.number().positive(),
    /** Milliseconds between items. */
    arrivalInterval: z.number().positive(),
    engine: z.enum(engines),
    /** Compute units that the run began with; null: no limit, or all threads. */
    computeUnits: z.int().positive().nullable().default(null),
    /** Speed of each; null: 1. */
    unitSpeeds: z.array(z.number().positive()).readonly().nullable().default(null),
    /** Null on the virtual clock. */
    threads: threads.nullable(),
    /** Where stage times come from: `model`, `measured` or `file`. */
    timing: z.string(),
    runtime: z.string(),
    /** Samples of an item. */
    batch: z.int().positive(),
    learningRate: z.number(),
    order: z.string(),
    /** By what inputs are standardised: a scale, or `pixels`, the published statistics of images. */
    scale: z
      .enum([...scales, "pixels"])
      .nullable()
      .default(null),
    /** Items that arrive between an item and its labels; the last ones are never learned. */
    labelDelay: count.default(0),
    /** Items at the beginning of the stream that were left out. */
    skippedItems: count.default(0),
    items: count,
    learned: count,
    dropped: count,
    /** Online accuracy, percentage points. */
    oacc: percentage,
    /** Test accuracy at the end, percentage points; null without a test split. */
    tacc: percentage.nullable(),
    /** Samples that it was measured on; null in an older record: the whole split. */
    tested: count.nullable().default(null),
    /**
     * What that is worth compared with rules that ignore the input; null before the first sample.
     */
    agreement: agreement.nullable().default(null),
    /** How often the samples of the training split came. */
    exposure: exposure.nullable().default(null),
    memory,
    /** What the run began with. */
    plan: plan.nullable(),
    schedule: schedule.nullable().default(null),
    /** Of a batch skip: the most items that wait, and of them learned at once. */
    batchSkip: z
      .object({ waiting: z.int().positive(), atOnce: z.int().positive() })
      .readonly()
      .nullable()
      .default(null),
    switches: z.array(planSwitch).readonly(),
    /** `histogram[t]`: gradients applied with staleness t. */
    staleness: z
      .array(z.object({ stage: count, histogram: z.array(count).readonly() }).readonly())
      .readonly(),
    /**
     * By stage: gradients that it applied, and updates made of them. Null of an older record.
     */
    stages: z
      .array(z.object({ gradients: count, updates: count }).readonly())
      .readonly()
      .nullable()
      .default(null),
    /** Gradients that diverged, so that compensation was suspended: a warning. */
    compensationFaults: count.default(0),
    /** By stage: gradients that were not finite, or above 1e18, and so made no update: a warning. */
    refusedUpdates: z.array(count).readonly().default([]),
    /**
     * The first window of the stream for which only one class was predicted although its labels had
     * several, or half of whose items had logits that are not finite (`class` null): it ends with
     * `item`. Null: there was none.
     */
    collapse: z
      .object({ item: count, window: z.int().positive(), class: count.nullable() })
      .readonly()
      .nullable()
      .default(null),
    /** From an item's arrival to its last update, on the run's clock. */
    latency: z
      .object({
        unit: z.literal("ms"),
        p50: z.number(),
        p90: z.number(),
        p99: z.number(),
        max: z.number(),
      })
      .readonly()
      .nullable(),
    curve,
    /** Every action of the first few dozens of items. */
    timeline: z.array(timedAction).readonly(),
    /** Items per second of elapsed time. */
    throughput: z.number(),
    /** Milliseconds. */
    wallTime: z.number(),
    /**
     * By how much the process grew in main memory, from before the learner was created to the end
     * of the stream, bytes: the ledger's buffers, and what JavaScript, libraries and threads add.
     */
    residentGrowth: z.number().nullable().default(null),
    environment: z
      .object({ node: z.string(), platform: z.string(), cpu: z.string(), kernels: z.string() })
      .readonly(),
    gitRevision: z.string().nullable(),
  })
  .refine(({ items, learned, dropped }) => learned <= items && dropped <= items, {
    error: "expected no more items learned or dropped than there were",
    path: ["items"],
  })
  .readonly();

/**
 * The result of one run, the same for every learner. On the virtual clock all fields except
 * `throughput`, `wallTime`, `residentGrowth`, `environment` and `gitRevision` follow from the
 * setting and the seed (unless times are measured).
 */
export type ResultRecord = z.infer<typeof resultRecord>;

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join(".") || "the record"} is wrong (${issue?.message})`;
}

/** Older records call the engine on threads `realtime`. */
function renamed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("realtime" in value)) return value;
  const { realtime, ...rest } = value as Record<string, unknown>;
  const { threads: count, ...figures } = (realtime ?? {}) as Record<string, unknown>;
  return {
    ...rest,
    ...(rest.engine === "realtime" && { engine: "threads" }),
    threads: realtime === null ? null : { count, ...figures },
  };
}

/**
 * One record from what JSON gave.
 * @throws Error that says which field is wrong.
 */
export function parseRecord(value: unknown): ResultRecord {
  const parsed = resultRecord.safeParse(renamed(value));
  if (!parsed.success) throw new Error(firstIssue(parsed.error));
  return parsed.data;
}

/**
 * Refuses a record that could not be read back: JSON would turn a number that is not finite into
 * null. Found here, not by the next reader.
 */
export function checkRecord(record: ResultRecord): void {
  const { error } = resultRecord.safeParse(record);
  if (error)
    throw new Error(
      `Expected a well-formed record of ${record.label}, seed ${record.seed}, but ${firstIssue(error)}`,
    );
}

/**
 * Reads records back, one JSON line each; empty lines are skipped.
 * @param source the file's name, for messages.
 * @param onDamage is called for each line that was only half written, which is left out. Default:
 *   such lines are refused too.
 * @throws InputError that names the first malformed line.
 */
export function parseRecords(
  text: string,
  source: string,
  onDamage?: (sentence: string) => void,
): ResultRecord[] {
  const records: ResultRecord[] = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    const place = `line ${index + 1} of ${source}`;
    try {
      records.push(parseRecord(parseJson(line)));
    } catch (error) {
      const reason = (error as Error).message;
      const isHalf = error instanceof SyntaxError;
      if (isHalf && onDamage)
        onDamage(
          `${place} was only half written (${reason}) and is left out; remove it from the file`,
        );
      else
        throw new InputError(
          `Expected a result record of version 1 in ${place} but ` +
            `${isHalf ? `it is not JSON (${reason})` : reason}; remove that line, or write the ` +
            "file again with ferret run --out",
        );
    }
  });
  return records;
}
