import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { complaints, ferret } from "./command.js";
import { idx, workplace } from "./datasets-encode.js";

const { folder, write } = workplace();

const csv = (lines: readonly string[]) => `a,b,label\n${lines.join("\n")}\n`;
const rows = Array.from({ length: 20 }, (_, row) => `${row},${-row},${row % 2}`);

write("nan.csv", csv([...rows, "nan,1,0"]));
write("short.csv", csv([...rows, "1,0"]));
write("fraction.csv", csv([...rows, "1,2,0.5"]));
write("broken.json", '{\n  "class_name": }');
write("other.json", "{}");
write("mine.mjs", 'export const create = () => ({ name: "mine" });');
write("file", "");
/** Folders with MNIST's four files, one of them wrong. */
function mnist(name: string, wrong: { images?: Uint8Array; labels?: Uint8Array }) {
  for (const split of ["train", "t10k"]) {
    const pixels = new Array<number>(20 * 4).fill(1);
    const images = wrong.images ?? idx([20, 2, 2], pixels);
    const labels = wrong.labels ?? idx([20], new Array<number>(20).fill(1));
    write(`${name}/mnist/${split}-images-idx3-ubyte`, images);
    write(`${name}/mnist/${split}-labels-idx1-ubyte`, labels);
  }
  return ["--dataset", "mnist", "--data-dir", name];
}
const cutOff = mnist("cut-off", { images: idx([20, 2, 2], [1, 2, 3]) });
const noIdx = mnist("no-idx", { images: new TextEncoder().encode("<html>not found</html>") });
const range = mnist("range", { labels: idx([20], [...new Array<number>(19).fill(1), 10]) });
const differ = mnist("differ", { labels: idx([19], new Array<number>(19).fill(1)) });
write("cifar/cifar10/data_batch_1.bin", new Uint8Array(3073 + 5));
write("cifar/cifar10/test_batch.bin", new Uint8Array(3073));
write("labels/cifar10/data_batch_1.bin", new Uint8Array(3073).fill(77));
write("labels/cifar10/test_batch.bin", new Uint8Array(3073));

/** What is asked, and what its one line must say. */
const refusals: [string, string[], RegExp][] = [
  ["an unknown data set", ["--dataset", "glyph"], /received "glyph"; did you mean "glyphs"\?$/],
  ["an unknown model", ["--model", "mpl"], /one of mlp, mnistnet, .*did you mean "mlp"\?$/],
  ["a folder that is not there", ["--model", "./nodir"], /nodir.* (no such|not there|not found)/i],
  ["an oracle's pace", ["--method", "oracle", "--pressure", "2"], /no time passes for an oracle/],
  [
    "a word that no worker knows",
    [
      "--partition",
      "0,2",
      "--workers",
      '[{"recompute":false,"accumulate":[1,1],"omit":[0,0],"recomputes":1}]',
    ],
    /recompute, accumulate, omit of worker 0 .* has "recomputes";/,
  ],
  [
    "more items at once than wait",
    ["--method", "last-n", "--waiting", "2", "--at-once", "4"],
    /Expected at most as many items for --at-once as wait, 2, but received 4;/,
  ],
  ["an unknown method", ["--method", "ferrit"], /did you mean "ferret"\?$/],
  ["an unknown algorithm", ["--algorithm", "vanila"], /did you mean "vanilla"\?$/],
  [
    "a module that is not there",
    ["--algorithm", "./no.mjs#create"],
    /imported from "file:.*no\.mjs"/,
  ],
  [
    "a module without the function",
    ["--algorithm", "mine.mjs#make"],
    /"make" in .*exports create$/,
  ],
  ["a function that makes no algorithm", ["--algorithm", "mine.mjs#create"], /has no "learnBatch"/],
  [
    "a setting that the algorithm has not",
    ["--algorithm", "er", "--algorithm-options", "bufer=ring"],
    /Expected one of replay, capacity, buffer, replayLoss with --algorithm-options but received "bufer"/,
  ],
  [
    "settings without values",
    ["--algorithm-options", "replay"],
    /such as replay=32,buffer=ring for --algorithm-options but received "replay"$/,
  ],
  ["an unknown compensation", ["--compensation", "iterfisher"], /did you mean "iter-fisher"\?$/],
  ["an unknown order", ["--order", "spilt"], /did you mean "split"\?$/],
  ["stages of a learner that is told none", ["--stages", "3"], /a schedule such as dapple for --m/],
  ["no stages", ["--method", "dapple", "--stages", "0"], /positive integer for --stages/],
  [
    "more stages than a model has",
    ["--method", "dapple", "--model", "mlp", "--stages", "9"],
    /Expected a whole number from 1 to 3, the most stages that mlp can be cut into, for stageCount/,
  ],
  ["a virtual clock at any pace", ["--arrival", "max"], /only --engine threads can tell/],
  ["workers of no stages", ["--workers", "[]"], /^ferret: Expected --partition with --workers/],
  [
    "stages of a learner that has none",
    ["--method", "oracle", "--partition", "0,1"],
    /Expected ferret for --method with --partition but received "oracle"/,
  ],
  ["no threads", ["--engine", "threads", "--threads", "0"], /positive integer for --threads/],
  ["an unknown engine", ["--engine", "virtal"], /did you mean "virtual"\?$/],
  ["an unknown budget", ["--memory-budget", "mni"], /did you mean "min"\?$/],
  [
    "a budget that is too small",
    ["--memory-budget", "1kB"],
    /Expected at least \d+ bytes \(.*\) for --memory-budget but received 1000 B; .*: raise the budget/,
  ],
  [
    "items that come too fast",
    ["--arrival", "1ns"],
    /Expected an interval that 4096 workers can keep up with .* for --arrival but received items 0\.00100 us apart; let items come further apart$/,
  ],
  [
    "a pressure that is too high",
    ["--pressure", "9999", "--timing", "model"],
    /for --pressure but received items .* apart; let items come further apart$/,
  ],
  [
    "a change of nothing that changes",
    ["--change", "20:budget=1MiB"],
    /for --change but received "20:budget=1MiB"; what can change is memory-budget, arrival, compute-units, not budget$/,
  ],
  [
    "a change without an item",
    ["--change", "foo"],
    /but received "foo"; write the item, a colon and what changes from then on$/,
  ],
  [
    "a momentum out of range",
    ["--optimizer", "momentum", "--optimizer-options", "momentum=1"],
    /Expected a number from 0 to below 1 for momentum of --optimizer-options but received 1; 0\.9 is usual$/,
  ],
  [
    "decay out of range",
    ["--optimizer", "adam", "--optimizer-options", "beta2=2"],
    /for beta2 of --optimizer-options but received 2; 0\.999 is usual$/,
  ],
  ["an item count of none", ["--items", "0"], /a positive integer for --items but received "0"$/],
  [
    "an arrival without unit",
    ["--arrival", "5"],
    /a duration such as 5ms.*received "5"; write a number above 0 and ns, us, ms, s$/,
  ],
  [
    "an IDX file that is cut off",
    cutOff,
    /Expected 96 bytes in .*idx3-ubyte .*found 19; .*cut off/,
  ],
  ["a file that is no IDX", noIdx, /Expected the magic number 0x00000803 of IDX images/],
  ["IDX labels out of range", range, /Expected labels 0 to 9 in .* but found 10 at byte 27/],
  ["IDX files of different length", differ, /19 labels and .* 20 images/],
  [
    "a CIFAR file that is cut off",
    ["--dataset", "cifar10", "--data-dir", "cifar"],
    /records of 3073 bytes in .*data_batch_1\.bin but found 3078 bytes/,
  ],
  [
    "CIFAR labels out of range",
    ["--dataset", "cifar10", "--data-dir", "labels"],
    /Expected labels 0 to 9 in .* but found 77 at byte 0/,
  ],
  [
    "NaN in a CSV file",
    ["--dataset", "nan.csv"],
    /line 22, column 1 \("a"\) of nan\.csv but found "nan", a missing/,
  ],
  ["a device", ["--dataset", "/dev/zero"], /regular file but \/dev\/zero is a character device/],
  [
    "a label column of a data set that is known",
    ["--label", "kind"],
    /Expected a CSV file or a folder of them for --dataset with --label but received glyphs/,
  ],
  ["a CSV line that is short", ["--dataset", "short.csv"], /Expected 3 fields in line 22/],
  ["a CSV label that is no class", ["--dataset", "fraction.csv"], /found the fraction 0\.5/],
  [
    "a data folder that is not there",
    ["--dataset", "mnist", "--data-dir", "x"],
    /"x" does not exist/,
  ],
  ["a model that is no JSON", ["--model", "broken.json"], /as JSON in broken\.json/],
  ["a model that is none", ["--model", "other.json"], /Expected a Keras model .*other\.json/],
  [
    "a model that is not there",
    ["--model", "none.json"],
    /none\.json (but it )?cannot be read \(ENOENT/,
  ],
  ["a profile that is none", ["--timing", "other.json"], /profile\.version .*other\.json/],
  ["a folder that is a file", ["--out", "file"], /for --out but file cannot be made/],
  ["a folder below a file", ["--out", "file/out"], /for --out but file\/out cannot be made/],
  ["an unknown option", ["--itmes", "5"], /received --itmes; did you mean --items\?$/],
  ["an option without its value", ["--items"], /Expected a value for --items <count>/],
  ["a word too many", ["glyphs"], /Expected 0 arguments besides the options of run but received 1/],
];

describe.concurrent("ferret run refuses in one line, and leaves nothing behind:", () => {
  it.each(refusals)("%s", { timeout: 30_000 }, async (name, words, message) => {
    const out = `out-${name.replaceAll(" ", "-")}`;
    const outcome = await ferret(
      ["run", "--model", "mlp", "--items", "5", "--json", "--out", out, ...words],
      { cwd: folder },
    );
    expect([outcome.code, outcome.stdout]).toEqual([2, ""]);
    const lines = complaints(outcome);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^ferret: Expected /);
    expect(lines[0]).toMatch(message);
    expect(existsSync(join(folder, out))).toBe(false);
  });
});

const others: [string, string[], RegExp][] = [
  ["an unknown command", ["rnu"], /received rnu; did you mean run\?$/],
  ["plan without a profile", ["plan", "--arrival", "5ms"], /the option --profile <file> but it is/],
  [
    "plan of a profile that is no JSON",
    ["plan", "--profile", "broken.json", "--arrival", "5ms"],
    /a profile as JSON in broken\.json but it does not parse/,
  ],
  [
    "plan of a profile that is none",
    ["plan", "--profile", "other.json", "--arrival", "5ms"],
    /Expected 1 for profile\.version .*other\.json/,
  ],
  ["profile of an unknown algorithm", ["profile", "--algorithm", "re"], /did you mean "er"\?$/],
  [
    "workers of a fixed order",
    ["schedule", "dapple", "--workers", "2"],
    /Expected 1 for --workers/,
  ],
  ["report without a folder", ["report"], /Expected an argument for results but received none/],
  [
    "report of a folder without records",
    ["report", "nowhere"],
    /Expected folders or files of results but nowhere does not exist/,
  ],
  ["report of what is no record", ["report", "other.json"], /in line 1 of other\.json but version/],
];

describe.concurrent("ferret refuses in one line:", () => {
  it.each(others)("%s", { timeout: 30_000 }, async (_, words, message) => {
    const outcome = await ferret(words, { cwd: folder });
    expect([outcome.code, outcome.stdout]).toEqual([2, ""]);
    const lines = complaints(outcome);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^ferret: Expected /);
    expect(lines[0]).toMatch(message);
    expect(existsSync(join(folder, "report.html"))).toBe(false);
  });
});
