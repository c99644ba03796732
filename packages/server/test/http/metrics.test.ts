import { describe, expect, it } from "vitest";
import { learner, regressor, type Serving, sampleAt, serving } from "./serving.js";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text format of Prometheus, version 0.0.4, read line by line. */
function parse(text: string): { samples: Sample[]; types: Map<string, string> } {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "TYPE") types.set(name as string, rest as string);
    if (line === "" || kind !== undefined) continue;
    const [, sample, inner = "", value] =
      /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? expect.fail(`cannot read "${line}"`);
    const labels = [...inner.matchAll(/([a-z]+)="([^"\\]*)"(?:,|$)/g)];
    expect(labels.map(([all]) => all).join("")).toBe(inner);
    samples.push({
      name: sample as string,
      labels: Object.fromEntries(labels.map(([, key, text]) => [key, text])),
      value: Number(value),
    });
    expect(Number.isNaN(Number(value)), line).toBe(false);
  }
  return { samples, types };
}

async function figures({ ask }: Serving) {
  const { text, headers } = await ask("/metrics");
  expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const { samples, types } = parse(text);
  for (const { name } of samples) {
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "");
    expect(types.has(family), name).toBe(true);
    if (types.get(family) === "counter") expect(family).toMatch(/_total$/);
  }
  const of = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samples.filter(
      (each) =>
        each.name === `ferret_${name}` &&
        Object.entries(labels).every(([key, value]) => each.labels[key] === value),
    );
  return {
    of,
    one(name: string, labels?: Readonly<Record<string, string>>) {
      const [found, ...more] = of(name, labels);
      expect(more, name).toEqual([]);
      return found?.value;
    },
  };
}

describe("GET /metrics", () => {
  it("scores predictions made before their labels were learned", async () => {
    const made = await serving({ window: 8 });
    const pairs: [label: number, said: number][] = [];
    const { ask, service } = made;
    for (let k = 0; k < 20; k++) {
      const x = sampleAt(k);
      const y = (k * k) % 3;
      const before = await service.learner.predict(x);
      pairs.push([y, "label" in before ? before.label : -1]);
      if (k % 2 === 0) await ask("/learn", { x, y });
      else await ask("/label", { id: (await ask("/predict", { x })).json.id, label: y });
    }
    const { one } = await figures(made);
    for (const [window, of] of [
      ["all", pairs],
      ["8", pairs.slice(-8)],
    ] as const) {
      const n = of.length;
      const right = of.filter(([label, said]) => label === said).length / n;
      const chance = [0, 1, 2].reduce((sum, c) => {
        const labels = of.filter(([label]) => label === c).length;
        return sum + (labels * of.filter(([, said]) => said === c).length) / n ** 2;
      }, 0);
      expect(one("accuracy", { window })).toBeCloseTo(right, 12);
      if (chance < 1)
        expect(one("kappa", { window })).toBeCloseTo((right - chance) / (1 - chance), 9);
      expect(one("scored_samples", { window })).toBe(n);
    }
    expect(one("items_total")).toBe(20);
    expect(one("learned_samples_total")).toBe(20);
    expect(one("predicted_samples_total")).toBe(10);
    expect(one("waiting_labels")).toBe(0);
  });

  it("tells memory by category, held as planned, and what requests there were", async () => {
    const mlp = { ...learner, model: "mlp", memoryBudget: "8MiB" } as const;
    const made = await serving({ learner: mlp, waitingBytes: 300 });
    const { ask, service } = made;
    for (let k = 0; k < 3; k++) await ask("/predict", { x: sampleAt(k) });
    await ask(
      "/learn",
      [0, 1, 2].map((y) => ({ x: sampleAt(y), y })),
    );
    await ask("/predict", { x: [1] });
    const { of, one } = await figures(made);
    const planned = of("memory_planned_bytes");
    expect(planned.map(({ value }) => value)).toEqual(
      of("memory_held_bytes").map(({ value }) => value),
    );
    const sum = planned.reduce((all, { value }) => all + value, 0);
    expect(sum).toBe(service.learner.plan.memory.total + service.waiting.plannedBytes);
    expect(one("memory_planned_bytes", { category: "waiting" })).toBe(service.waiting.plannedBytes);
    expect(one("memory_budget_bytes")).toBe(8 * 2 ** 20);
    expect(one("waiting_labels")).toBe(1);
    expect(one("waiting_labels_expired_total")).toBe(2);
    const predicts = { route: "/predict", method: "POST" };
    expect(one("request_duration_seconds_count", { ...predicts, status: "200" })).toBe(3);
    expect(one("request_duration_seconds_count", { ...predicts, status: "400" })).toBe(1);
    const buckets = of("request_duration_seconds_bucket", { ...predicts, status: "200" });
    const counts = buckets.map(({ value }) => value);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(3);
    expect(one("prediction_batch_samples_count")).toBe(3);
    expect(one("collapsed")).toBe(0);
    expect(of("updates_total").length).toBe(service.learner.plan.stageCount);
    expect(of("refused_updates_total").every(({ value }) => value === 0)).toBe(true);
    const { staleness } = service.learner.metrics();
    expect(of("gradients_total").map(({ value }) => value)).toEqual(staleness.flat());
  });

  it("scores values", async () => {
    const made = await serving({ learner: regressor });
    const x = sampleAt(1);
    const { values } = (await made.ask("/predict", { x, id: "a" })).json;
    await made.ask("/label", { id: "a", label: [0, 1, 2] });
    const { one, of } = await figures(made);
    const errors = [0, 1, 2].map((y) => Math.abs(y - values[y]));
    const mean = errors.reduce((sum, error) => sum + error, 0) / 3;
    expect(one("mean_absolute_error", { window: "all" })).toBeCloseTo(mean, 9);
    // Of one sample it is not defined.
    expect(of("r2")).toEqual([]);
    expect(of("accuracy")).toEqual([]);
  });
});
