import { copyFileSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ferret } from "./command.js";
import { firstBlock, repository } from "./shown-lines.js";

/** Runs the command in a folder where it has to work. */
async function make(cwd: string, words: string): Promise<string> {
  const { code, stdout, stderr } = await ferret(words.split(" "), { cwd });
  if (code !== 0) throw new Error(`Expected ferret ${words} to run but it said: ${stderr}`);
  return stdout;
}

/** Forest cover types, as far as their shape goes: 54 numbers and one of seven classes a row. */
function coverTypes(): string {
  const rows = Array.from({ length: 280 }, (_, row) => {
    const numbers = Array.from({ length: 54 }, (_, column) =>
      (Math.sin(12.9898 * row + 78.233 * column) + ((row % 7) * column) / 54).toFixed(4),
    );
    return [...numbers, `type${row % 7}`].join();
  });
  const names = Array.from({ length: 54 }, (_, column) => `x${column}`);
  return `${[...names, "cover"].join()}\n${rows.join("\n")}\n`;
}

/** Puts there what the lines of pages take for granted: files of the reader's own, and earlier runs. */
export async function furnish(folder: string): Promise<void> {
  // So that modules find the packages, as anywhere in a clone.
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "stand-in.csv"), coverTypes());
  copyFileSync(join(repository, "examples/der-plus-plus.mjs"), join(folder, "der-plus-plus.mjs"));
  for (const name of ["mlp", "play-a-plan.mjs"])
    symlinkSync(join(repository, "examples", name), join(folder, name));
  const algorithm = firstBlock("docs/adding-an-algorithm.md", "js");
  writeFileSync(join(folder, "my-algorithm.mjs"), algorithm);
  const few = "run --model mlp --items 2";
  await make(folder, `${few} --save-model my-model --save-weights weights.safetensors`);
  await make(folder, `${few} --algorithm er --out results/er`);
  await make(folder, `${few} --out results/vanilla`);
  const profile = await make(folder, "profile --model mnistnet --timing model --json");
  writeFileSync(join(folder, "profile.json"), profile);
  const plan = await make(
    folder,
    "plan --profile profile.json --arrival 5ms --partition 0,2 --json",
  );
  writeFileSync(join(folder, "workers.json"), plan);
}

export const dataDir = process.env.FERRET_DATA_DIR || undefined;

const isReal = (dataset: string) => dataDir !== undefined && existsSync(join(dataDir, dataset));

/**
 * What there is of a data set: itself, or else what has its shape. Runs alone take real data, where
 * there are any; comparisons would test every learner on ten thousand images.
 */
function atHand(dataset: string, folder: string, isRun: boolean): string {
  if (dataset === "glyphs" || existsSync(join(folder, dataset))) return dataset;
  if (isRun && isReal(dataset)) return dataset;
  return dataset === "covertype" ? "stand-in.csv" : "glyphs";
}

/** The words of a line, with less to do and with the data that is at hand. */
export function shorten(words: readonly string[], folder: string): string[] {
  const [command, experiment] = words;
  const short = [...words];
  const set = (option: string, value: (before: string) => string, otherwise?: string) => {
    const at = short.indexOf(option);
    if (at >= 0) short[at + 1] = value(short[at + 1] as string);
    else if (otherwise !== undefined) short.push(option, otherwise);
  };
  const each = (list: string) =>
    [...new Set(list.split(",").map((name) => atHand(name, folder, command === "run")))].join();
  set("--dataset", each);
  set("--datasets", each);
  // Only data sets by name are read from there, and those that stand in have none.
  const isNamed = short.some(
    (word, at) => /^--datasets?$/.test(short[at - 1] ?? "") && isReal(word),
  );
  const at = short.indexOf("--data-dir");
  if (at >= 0 && !isNamed) short.splice(at, 2);
  set("--data-dir", () => dataDir as string);
  if (command === "suite" && !words.includes("--help")) {
    set("--settings", () => "glyphs/MNISTNet", "glyphs/MNISTNet");
    set("--items", () => "2", "2");
    set("--seeds", () => "1", "1");
    if (!short.includes("--quick")) short.push("--quick");
    return short;
  }
  const runs = ["run", "demo", "experiment"].includes(command as string);
  if (!runs || words.includes("--help")) return short;
  if (experiment === "compensation" && !short.includes("--datasets"))
    short.push("--datasets", each("glyphs,mnist,covertype"));
  set("--items", () => "10", "10");
  if (command !== "run") set("--seeds", () => "1", "1");
  if (experiment === "forgetting") set("--test-samples", () => "32", "32");
  const firstTwo = (list: string) => list.split(",").slice(0, 2).join();
  if (experiment === "pressure") set("--pressures", firstTwo, "1,8");
  if (experiment === "compensation") set("--staleness", firstTwo, "4,16");
  return short;
}
