import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compensatorNames } from "@ferret-ocl/compensation";
import { builtInModels as models, parseModel } from "@ferret-ocl/pipeline";
import { Command } from "commander";
import { expect } from "vitest";
import { readSetting } from "../src/commands/options.js";
import { defineRun } from "../src/commands/run.js";
import type { Machinery } from "../src/machinery.js";
import { run } from "../src/run.js";
import { createStream } from "../src/streams/registry.js";
import { everyKind, layerModels } from "./layer-models.js";
import { tiny } from "./tiny-images.js";

/** The options of `ferret run` as they are where a user says nothing. */
function defaults(): Record<string, unknown> {
  const program = new Command();
  defineRun(program);
  return program.commands[0]?.opts() ?? {};
}

const folder = mkdtempSync(join(tmpdir(), "ferret-defaults-"));

function written(name: string, specification: unknown): string {
  const path = join(folder, `${name.replaceAll(" ", "-")}.json`);
  writeFileSync(path, JSON.stringify(specification));
  return path;
}

/** By name, what `--model` takes: a model or two for every kind of layer. */
const layerModelPaths: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(layerModels).map(([name, model]) => [name, written(name, model)]),
);

/** The file of one model with every kind of layer in it. */
export const everyKindPath = written("every kind", everyKind());

/** Built-in models; the heavy ones have millions of parameters and take seconds a run. */
export const modelWeights = Object.entries(models).map(([model, build]) => {
  const { layers } = parseModel(build(tiny.train.inputShape, tiny.train.classes));
  const parameters = layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
  return { model, isHeavy: parameters > 1e6 };
});

/** Whether a heavy model runs with a compensation: with the usual ones, and every third of the others. */
export function isForHeavy(compensation: string): boolean {
  const isUsual = ["auto", "none", "secant"].includes(compensation);
  return isUsual || compensations.indexOf(compensation) % 3 === 0;
}

/** The default, then those that can be named. */
export const compensations = ["auto", ...compensatorNames];

/**
 * Models by kind of layer that run with a compensation: all of them with the default and with none,
 * every third with the others, by turns, so that a kind meets four of these. Their one model with
 * every kind in it meets all.
 */
export function layerModelsFor(compensation: string): [name: string, path: string][] {
  const turn = compensations.indexOf(compensation);
  return Object.entries(layerModelPaths).filter(
    (_, index) => ["auto", "none"].includes(compensation) || (index + turn) % 3 === 0,
  );
}

export interface Cell {
  /** As `--model` takes it. */
  readonly model: string;
  readonly compensation: string;
  readonly engine: "virtual" | "threads";
  readonly items?: string;
}

/** Runs a few items as `ferret run` does, on tiny images and with defaults else; checks the record. */
export async function runOnDefaults(cell: Cell, machinery: Machinery): Promise<void> {
  const { engine, compensation, items = "4" } = cell;
  const setting = readSetting({ ...defaults(), ...cell, items } as never);
  const stream = createStream(tiny, setting);
  const record = await run({ setting, machinery, dataset: tiny, stream });
  expect(record).toMatchObject({ engine, items: Number(items) });
  if (compensation === "auto") expect(compensatorNames).toContain(record.compensation);
  else expect(record.compensation).toBe(compensation);
  expect(record.learned + record.dropped).toBe(Number(items));
  expect(record.oacc).toBeGreaterThanOrEqual(0);
  expect(record.tacc).toBeGreaterThanOrEqual(0);
  expect(record.memory.peak).toBeLessThanOrEqual(record.memory.planned);
  // Without late gradients a compensator has nothing to do; threads may be too fast for that.
  const latest = Math.max(...record.staleness.map(({ histogram }) => histogram.length - 1));
  if (engine === "virtual") expect(latest).toBeGreaterThan(0);
}
