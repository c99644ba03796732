import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ByteQueue } from "../http/byte-queue.js";
import type { Service } from "../service.js";

/** Seconds: from what a small model takes to what a client waits for. */
const latencyBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Labels of figures that are looked up. */
const labelNames = ["window", "stage", "staleness", "quantile", "category"];

/** A figure that is looked up when it is asked for: its rows by label. */
interface Row {
  readonly labels?: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Figures of learner and service, in the text format of Prometheus. */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<"method" | "route" | "status">;
  readonly #refused: Counter<"reason">;
  readonly #batches: Histogram;

  constructor(service: Service, queue: ByteQueue) {
    const registers = [this.#registry];
    this.#requests = new Histogram({
      name: "ferret_request_duration_seconds",
      help: "Time from the head of a request to the end of its answer",
      labelNames: ["method", "route", "status"],
      buckets: latencyBuckets,
      registers,
    });
    this.#refused = new Counter({
      name: "ferret_refused_requests_total",
      help: "Requests that were not taken: too many bytes at once, too many from one address, or the service ends",
      labelNames: ["reason"],
      registers,
    });
    this.#batches = new Histogram({
      name: "ferret_prediction_batch_samples",
      help: "Samples that were predicted together",
      buckets: batchBuckets,
      registers,
    });
    service.batcher.onBatch = (samples) => this.#batches.observe(samples);
    this.#addService(service, queue);
    this.#addScores(service);
    this.#addLearner(service);
    this.#addMemory(service);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Counts a request that has been answered. */
  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  refused(reason: "queue" | "rate" | "ending"): void {
    this.#refused.inc({ reason });
  }

  #gauge(name: string, help: string, rows: () => readonly Row[]): void {
    new Gauge({
      name: `ferret_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { labels = {}, value } of rows()) this.set(labels, value);
      },
    });
  }

  /** Of a number that only grows and is counted elsewhere. */
  #counter(name: string, help: string, rows: () => readonly Row[]): void {
    new Counter({
      name: `ferret_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { labels = {}, value } of rows()) this.inc(labels, value);
      },
    });
  }

  #addService(service: Service, queue: ByteQueue): void {
    const one = (value: number): Row[] => [{ value }];
    this.#counter("predicted_samples_total", "Samples that clients had predicted", () =>
      one(service.counts.predicted),
    );
    this.#counter("learned_samples_total", "Samples that were taken in to be learned", () =>
      one(service.counts.learned),
    );
    this.#counter("dropped_samples_total", "Samples for which there was no room", () =>
      one(service.counts.dropped),
    );
    this.#gauge("waiting_labels", "Samples that wait for their labels", () =>
      one(service.waiting.count),
    );
    this.#counter("waiting_labels_expired_total", "Samples that left without a label", () =>
      one(service.waiting.expired),
    );
    const followed = (name: "messages" | "bad" | "unmatched", help: string) =>
      this.#counter(`followed_${name}_total`, `${help}, over all restarts`, () =>
        service.followed ? one(service.followed[name]) : [],
      );
    followed("messages", "Messages of streams that were taken in");
    followed("bad", "Messages of streams that could not be read");
    followed("unmatched", "Labels of streams whose sample never came, or waited no longer");
    this.#gauge(
      "checkpoint_timestamp_seconds",
      "When this process wrote its last checkpoint, since 1970",
      () => (service.savedAt === null ? [] : one(service.savedAt / 1000)),
    );
    this.#gauge("queue_bytes", "Bytes of requests that are being answered", () => one(queue.bytes));
  }

  #addScores(service: Service): void {
    const { scores, window } = service;
    const names = Object.keys(scores.gauges());
    const both = (all: number | undefined, recent: number | undefined): Row[] => [
      ...(all === undefined ? [] : [{ labels: { window: "all" }, value: all }]),
      ...(recent === undefined ? [] : [{ labels: { window }, value: recent }]),
    ];
    for (const name of names) {
      const help = scores.gauges()[name]?.help;
      this.#gauge(
        name,
        `${help}, of predictions made before their labels were learned; window: the last so many, or all`,
        () => {
          const gauge = scores.gauges()[name];
          return both(gauge?.all, gauge?.recent);
        },
      );
    }
    this.#gauge("scored_samples", "Predictions that these figures are about", () =>
      both(scores.samples.all, scores.samples.recent),
    );
  }

  #addLearner(service: Service): void {
    const { learner } = service;
    const metrics = () => learner.metrics();
    const byStage = (values: readonly number[]): Row[] =>
      values.map((value, stage) => ({ labels: { stage }, value }));
    this.#counter("items_total", "Items that came to be learned", () => [
      { value: metrics().items },
    ]);
    this.#counter("items_admitted_total", "Items that were taken in", () => [
      { value: metrics().admitted },
    ]);
    this.#counter("items_dropped_total", "Items for which there was no room", () => [
      { value: metrics().dropped },
    ]);
    this.#counter("updates_total", "Updates of the weights, by stage", () =>
      byStage(metrics().updates),
    );
    this.#counter(
      "refused_updates_total",
      "Updates that were not made since the gradient was not finite, or too large, by stage",
      () => byStage(metrics().refusedUpdates),
    );
    this.#counter("deferred_updates_total", "Updates that waited for a free weight version", () => [
      { value: metrics().deferredUpdates },
    ]);
    this.#counter(
      "compensation_faults_total",
      "Gradients that diverged, so that compensation was suspended",
      () => [{ value: metrics().compensationFaults }],
    );
    this.#gauge("collapsed", "1 once the learner was seen to predict one class only", () => [
      { value: metrics().collapse === null ? 0 : 1 },
    ]);
    this.#counter("gradients_total", "Gradients that were applied, by stage and staleness", () =>
      metrics().staleness.flatMap((counts, stage) =>
        counts.map((value, staleness) => ({ labels: { stage, staleness }, value })),
      ),
    );
    this.#gauge(
      "staleness_mean",
      "Mean staleness of the gradients that were applied, by stage",
      () => byStage(metrics().staleness.map(meanStaleness)),
    );
    this.#gauge(
      "learning_latency_seconds",
      "Time from the arrival of an item to its last update, by quantile",
      () => {
        const { p50, p90, p99, max } = metrics().latency;
        const quantiles = [
          [0.5, p50],
          [0.9, p90],
          [0.99, p99],
          [1, max],
        ] as const;
        return quantiles.map(([quantile, value]) => ({
          labels: { quantile },
          value: value / 1000,
        }));
      },
    );
    this.#counter("plan_changes_total", "Changes of plan", () => [
      { value: learner.switches().length },
    ]);
    this.#gauge("plan_stages", "Stages of the plan in force", () => [
      { value: learner.plan.stageCount },
    ]);
    this.#gauge("plan_workers", "Workers of the plan in force", () => [
      { value: learner.plan.workerCount },
    ]);
    this.#gauge("plan_arrival_interval_seconds", "Time between items that the plan is for", () => [
      { value: learner.plan.arrivalInterval / 1000 },
    ]);
  }

  #addMemory(service: Service): void {
    const { learner, waiting } = service;
    const rows = (categories: Readonly<Record<string, number>>, samples: number): Row[] =>
      Object.entries({ ...categories, waiting: samples }).map(([category, value]) => ({
        labels: { category },
        value,
      }));
    this.#gauge("memory_planned_bytes", "Memory by category, as the plan has it", () =>
      rows(learner.plan.memory.byCategory, waiting.plannedBytes),
    );
    this.#gauge("memory_held_bytes", "Memory by category that is held now", () =>
      rows(learner.metrics().memoryHeld.byCategory, waiting.plannedBytes),
    );
    this.#gauge("memory_budget_bytes", "Memory that learner and samples that wait may use", () =>
      service.memoryBudget === null ? [] : [{ value: service.memoryBudget }],
    );
    this.#gauge(
      "process_resident_bytes",
      "Memory of the whole process, code and runtime too",
      () => [{ value: process.memoryUsage.rss() }],
    );
  }
}

function meanStaleness(counts: readonly number[]): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const sum = counts.reduce((total, count, staleness) => total + count * staleness, 0);
  return all === 0 ? 0 : sum / all;
}
