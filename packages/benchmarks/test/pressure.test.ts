import { beforeAll, describe, expect, it } from "vitest";
import {
  measurePressure,
  type PressureOptions,
  pressurePoints,
} from "../src/experiments/pressure.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { methodNames, methods } from "../src/methods/registry.js";
import type { ResultRecord } from "../src/record.js";
import { renderPressure } from "../src/report/pressure.js";
import { pressureTables } from "../src/report/pressure-table.js";
import { loadShort } from "./runs.js";
import { setting } from "./samples.js";

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

const items = 30;

function measure(more: Partial<PressureOptions> = {}) {
  return measurePressure({
    setting: setting({ items }),
    methods: methodNames,
    pressures: [1, 3],
    seeds: [0, 1],
    loadDataset: (seed) => loadShort("glyphs", setting({ seed })),
    machinery,
    stop: { requested: false },
    ...more,
  });
}

describe("the pressure experiment", () => {
  it("runs every method at every pressure on every seed, and reports it", async () => {
    const records = await measure();
    const labels = methodNames.map((name) => methods[name].label(setting()));
    const points = pressurePoints(records);
    expect(points.map(({ label, pressure, seed }) => `${label} ${pressure} ${seed}`)).toEqual(
      [0, 1].flatMap((seed) =>
        [1, 3].flatMap((pressure) => labels.map((label) => `${label} ${pressure} ${seed}`)),
      ),
    );
    const of = (label: string, pressure: number) =>
      points.filter((point) => point.label === label && point.pressure === pressure);
    for (const { dropped } of [...of("Oracle", 3), ...of("1-Skip", 1)]) expect(dropped).toBe(0);
    // One in three.
    for (const { dropped } of of("1-Skip", 3)) expect(dropped).toBeCloseTo(200 / 3, 9);

    const tables = pressureTables(points);
    expect(tables.map(({ title }) => title)).toEqual([
      "dropped, %",
      "online accuracy, %",
      "memory",
    ]);
    for (const { title, rows } of tables) {
      expect(rows[0]).toEqual([title, "pressure 1", "pressure 3"]);
      expect(rows.slice(1).map(([label]) => label)).toEqual(labels);
    }
    expect(tables[0]?.rows.find(([label]) => label === "1-Skip")).toEqual([
      "1-Skip",
      "0.0 ± 0.0",
      "66.7 ± 0.0",
    ]);
    const page = renderPressure(records);
    expect(page.match(/<svg/g)).toHaveLength(2);
    for (const label of labels) expect(page).toContain(label);
    expect(renderPressure(records)).toBe(page);
  });

  it("runs fixed schedules on as many devices and micro-batches as it is told", async () => {
    const records = await measure({
      setting: setting({ items, stages: 2, microbatches: 3 }),
      methods: ["dapple", "1-skip"],
    });
    for (const { method, schedule } of records)
      if (method === "dapple")
        expect(schedule).toMatchObject({ deviceCount: 2, microbatchCount: 3 });
      else expect(schedule).toBeNull();
  });

  it("that is stopped has whole runs alone, and gaps in its tables", async () => {
    const stop = { requested: false };
    const seen: ResultRecord[] = [];
    const records = await measure({
      stop,
      methods: ["1-skip", "oracle"],
      onRun(record, done, total) {
        seen.push(record);
        expect([done, total]).toEqual([seen.length, 8]);
        // The fourth one is cut off.
        if (done === 3) stop.requested = true;
      },
    });
    expect(records).toEqual(seen);
    expect(records.map((record) => record.items)).toEqual([items, items, items]);
    expect(pressureTables(pressurePoints(records))[0]?.rows).toEqual([
      ["dropped, %", "pressure 1", "pressure 3"],
      ["1-Skip", "0.0", "66.7"],
      ["Oracle", "0.0", "-"],
    ]);
    expect(renderPressure(records)).toContain("Learning under pressure");
  });
});
