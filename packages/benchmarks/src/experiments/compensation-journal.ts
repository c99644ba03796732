import { join } from "node:path";
import { z } from "zod";
import { announce } from "../announce.js";
import { expectPlain, openFolder } from "../folders.js";
import { Journal } from "../journal.js";
import { type Scale, scales } from "../streams/saved-scaling.js";
import type { CompensationRun } from "./compensation.js";

/** What the runs of one page have in common. */
export interface CompensationWorld {
  readonly model: string;
  /** As asked; null: as many as one pass fills, at most `mostItems`. */
  readonly items: number | null;
  readonly mostItems: number | null;
  readonly passes: number;
  readonly batch: number;
  readonly optimizer: string;
  /** As asked; null: by the order. */
  readonly scale: Scale | null;
}

const percentage = z.number().min(0).max(100);
const count = z.int().nonnegative();

const entry = z.object({
  model: z.string(),
  items: z.int().positive().nullable(),
  mostItems: z.int().positive().nullable(),
  passes: z.int().positive(),
  batch: z.int().positive(),
  optimizer: z.string().default("sgd"),
  scale: z.enum(scales).nullable().default(null),
  dataset: z.string(),
  order: z.string(),
  learningRate: z.number().positive(),
  staleness: count,
  method: z.string(),
  seed: z.int(),
  oacc: percentage,
  faults: count,
});

const runsFile = "compensation.ndjson";

/** Keeps every run of compensation experiments in a folder, each as soon as it is there. */
export class CompensationJournal {
  readonly #journal: Journal<z.infer<typeof entry>>;
  readonly #world: CompensationWorld;

  /**
   * @param files that will be written beside.
   * @throws InputError where the folder cannot be made or written.
   */
  constructor(folder: string, files: readonly string[], world: CompensationWorld) {
    openFolder(folder);
    for (const file of [runsFile, ...files]) expectPlain(join(folder, file), "--out");
    this.#journal = new Journal(join(folder, runsFile), (value) => {
      const { data, error } = entry.safeParse(value);
      if (data) return data;
      const [issue] = error.issues;
      throw new Error(`${issue?.path.join(".") || "the run"} is wrong (${issue?.message})`);
    });
    this.#world = world;
    announce(this.#journal.read().damaged);
  }

  /** @throws InputError where the run cannot be written; it then waits for the next call. */
  add(run: CompensationRun): void {
    this.#journal.append({ ...plain(this.#world), ...run });
  }

  /** Writes what could not be written before. */
  retry(): void {
    this.#journal.retry();
  }

  /** All runs of the same model and optimizer on as much data; of one that was made twice the last. */
  runs(): CompensationRun[] {
    const runs = new Map<string, CompensationRun>();
    const own = JSON.stringify(plain(this.#world));
    for (const entry of this.#journal.read().values) {
      const { model, items, mostItems, passes, batch, optimizer, scale, ...run } = entry;
      const world = { model, items, mostItems, passes, batch, optimizer, scale };
      if (JSON.stringify(plain(world)) !== own) continue;
      const { oacc, faults, ...which } = run;
      runs.set(JSON.stringify(which), run);
    }
    return [...runs.values()];
  }
}

/** The world alone, in one order. */
function plain({
  model,
  items,
  mostItems,
  passes,
  batch,
  optimizer,
  scale,
}: CompensationWorld): CompensationWorld {
  return { model, items, mostItems, passes, batch, optimizer, scale };
}
