import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parsePlan, parseProfile } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import { readMeaning } from "../src/meaning.js";
import { parseRecords } from "../src/record.js";
import { complaints, ferret } from "./command.js";
import { workplace } from "./datasets-encode.js";
import { stable } from "./runs.js";

const { folder, write } = workplace();
const short = ["--model", "mlp", "--batch", "4", "--items", "20"];

describe("ferret run", () => {
  it("prints one JSON record and nothing else, twice the same, and no progress line", async () => {
    const words = ["run", ...short, "--memory-budget", "2bw", "--algorithm", "er", "--json"];
    const first = await ferret(words);
    const second = await ferret(words);
    expect(first.code).toBe(0);
    expect(complaints(first)).toEqual([
      expect.stringMatching(/took in \d items, .*: stage 0 from \d of them$/),
    ]);
    expect(first.stderr).not.toMatch(/\r|items\/s/);
    expect(first.stdout).toMatch(/^\{.*\}\n$/);
    const [record, again] = [first, second].map(({ stdout }) => parseRecords(stdout, "stdout"));
    expect(record).toHaveLength(1);
    expect(record?.[0]).toMatchObject({ method: "ferret", label: "Ferret M", items: 20 });
    expect(again?.map(stable)).toEqual(record?.map(stable));
  });

  it("reads the times of its clock from a profile file", async () => {
    const profiled = await ferret("profile --model mlp --batch 4 --timing model --json".split(" "));
    const file = write("times.json", profiled.stdout);
    const run = await ferret(["run", ...short, "--timing", file, "--json"]);
    const plain = await ferret(["run", ...short, "--json"]);
    const [[timed], [modelled]] = [run, plain].map(({ stdout }) => parseRecords(stdout, "stdout"));
    expect(timed?.timing).toBe("file");
    expect({ ...stable(timed!), timing: "model" }).toEqual(stable(modelled!));
  });

  it("warns once of times from another machine, and keeps the bounds that a profile fixes", async () => {
    const profiled = await ferret("profile --model mlp --batch 4 --timing model --json".split(" "));
    const profile = parseProfile(JSON.parse(profiled.stdout));
    const elsewhere = {
      ...profile,
      timing: "measured",
      machine: "a machine far away",
      layers: profile.layers.map((layer, index) =>
        index === 1 ? { ...layer, startsStage: true } : { ...layer, cuttable: index === 0 },
      ),
    };
    const file = write("elsewhere.json", JSON.stringify(elsewhere));
    const run = await ferret(["run", ...short, "--timing", file, "--json"]);
    expect(complaints(run)).toEqual([
      expect.stringMatching(/^ferret: The profile's times were measured on a machine far away, /),
    ]);
    expect(parseRecords(run.stdout, "stdout")[0]?.plan?.partition).toEqual([0, 1]);
  });

  it("hands a trained model on: as a LayersModel, and as weights that another runtime takes", async () => {
    const [model, weights] = [join(folder, "trained"), join(folder, "trained.safetensors")];
    const words = ["run", ...short, "--method", "oracle", "--json"];
    const save = ["--save-model", model, "--save-weights", weights];
    const trained = parseRecords((await ferret([...words, ...save])).stdout, "stdout")[0]!;
    for (const files of [{ model }, { weights }])
      expect(readMeaning(files)).toMatchObject({ classes: [..."0123456789"], scaling: null });
    // Without learning, what went on begins where the other one ended.
    const still = [...words, "--lr", "1e-30"];
    for (const from of [
      ["--model", model],
      ["--weights", weights],
      ["--weights", weights, "--runtime", "cpu"],
    ]) {
      const run = await ferret([...still, ...from]);
      expect(complaints(run)).toEqual([
        expect.stringContaining(
          `continues from ${from[1]}, which has learned 20 of these 20 items`,
        ),
      ]);
      expect(parseRecords(run.stdout, "stdout")[0]?.tacc).toBeCloseTo(trained.tacc!, 1);
    }
    const untrained = parseRecords((await ferret(still)).stdout, "stdout")[0]!;
    expect(untrained.tacc).not.toBe(trained.tacc);
  });

  it("runs on threads as fast as items are taken", async () => {
    const run = await ferret([
      "run",
      ...short,
      "--engine",
      "threads",
      "--threads",
      "2",
      "--arrival",
      "max",
      "--json",
    ]);
    // The plan goes by times measured now, and may leave backward passes out.
    const others = complaints(run).filter((line) => !line.includes("not every stage learned"));
    expect([run.code, others]).toEqual([0, []]);
    const record = parseRecords(run.stdout, "stdout")[0];
    expect(record).toMatchObject({ engine: "threads", items: 20, dropped: 0, timing: "measured" });
    expect(record?.threads?.count).toBe(2);
  });

  it("ends with the record so far on Ctrl-C", async () => {
    // The process sends itself the signal half a second after it has begun to listen, so that a slow
    // machine is not stopped too early.
    const script =
      'process.on("newListener", (name) => name === "SIGINT" && ' +
      'setTimeout(() => process.kill(process.pid, "SIGINT"), 500))';
    const out = join(folder, "stopped");
    const words = [
      "run",
      ...short,
      "--items",
      "100000000",
      "--passes",
      "10000",
      "--json",
      "--out",
      out,
    ];
    const stopped = await ferret(words, {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
    });
    expect(stopped.code).toBe(0);
    expect(complaints(stopped)).toEqual([
      "ferret: stopping; the results so far will be written (Ctrl-C again to end at once)",
    ]);
    const [record] = parseRecords(stopped.stdout, "stdout");
    expect(record?.items).toBeGreaterThan(0);
    expect(record?.items).toBeLessThan(100_000_000);
    expect(record?.curve.items.at(-1)).toBe(record?.items);
    const written = readFileSync(join(out, "results.ndjson"), "utf8");
    expect(parseRecords(written, "results.ndjson")).toEqual([record]);
    expect(readdirSync(out).sort()).toEqual(["report.html", "results.ndjson"]);
  });
});

describe("ferret profile and ferret plan", () => {
  it("go together: the plan of a profile has its adaptation rate and its memory by category", async () => {
    const profiled = await ferret("profile --model mlp --batch 4 --json".split(" "));
    expect([profiled.code, complaints(profiled)]).toEqual([0, []]);
    const profile = parseProfile(JSON.parse(profiled.stdout));
    expect([profile.batch, profile.timing, profile.layers.length]).toEqual([4, "measured", 4]);

    const file = write("profile.json", profiled.stdout);
    // So fast that budgets differ, on whatever machine this is.
    const interval = Math.max(1, Math.round((1000 * profile.sequentialTime) / 8));
    const words = ["plan", "--profile", file, "--arrival", `${interval}us`, "--json"];
    const planned = await ferret([...words, "--memory-budget", "min"]);
    expect([planned.code, planned.stderr]).toEqual([0, ""]);
    const document: unknown = JSON.parse(planned.stdout);
    expect(parsePlan(document)).toEqual(document);
    const plan = parsePlan(document);
    expect(plan.arrivalInterval).toBeCloseTo(interval / 1000, 12);
    expect(plan.adaptationRate).toBeGreaterThan(0);
    const parts = Object.values(plan.memory.byCategory).reduce((sum, bytes) => sum + bytes, 0);
    expect(parts).toBe(plan.memory.total);
    expect(plan.memory.byCategory.parameters).toBeGreaterThan(0);

    const plainly = words.filter((word) => word !== "--json");
    const explained = await ferret([...plainly, "--memory-budget", "min", "--explain"]);
    expect([explained.code, explained.stderr]).toEqual([0, ""]);
    expect(explained.stdout).toMatch(
      /stage 0: (1 weight version|\d+ weight versions) of .* 1 MiB more would buy/s,
    );
    const chart = join(folder, "sweep.svg");
    const swept = await ferret([...plainly, "--sweep", "--out", chart]);
    expect([swept.code, swept.stdout.trim().split("\n").length]).toEqual([0, 17]);
    expect(readFileSync(chart, "utf8")).toMatch(/^<svg/);
    const list = '[{"recompute":true,"accumulate":[2,1],"omit":[0,0]}]';
    const given = await ferret([...words, "--partition", "0,2", "--workers", list]);
    expect(parsePlan(JSON.parse(given.stdout)).workers).toEqual(JSON.parse(list));
    const few = await ferret([...words, "--compute-units", "1"]);
    expect(parsePlan(JSON.parse(few.stdout)).prediction?.utilisation).toBeLessThan(1.001);

    const forRate = [...words, "--objective", "paper", "--strategy"];
    const found = await Promise.all(["greedy", "exact"].map((name) => ferret([...forRate, name])));
    const [greedy, exact] = found.map(({ stdout }) => parsePlan(JSON.parse(stdout)));
    expect([greedy?.strategy, exact?.strategy]).toEqual(["greedy", "exact"]);
    expect(exact?.adaptationRate).toBeGreaterThanOrEqual(greedy?.adaptationRate as number);
    expect(exact?.adaptationRate).toBeGreaterThanOrEqual(plan.adaptationRate);

    const refused = await ferret([...words, "--memory-budget", "10kB"]);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    const [, least] = /^ferret: Expected at least (\d+) bytes[^\n]*\n$/.exec(refused.stderr) ?? [];
    // What it says is so: that much is enough, and a byte less is not.
    expect(Number(least)).toBeLessThanOrEqual(plan.memory.total);
    const [enough, tooLittle] = await Promise.all(
      [Number(least), Number(least) - 1].map((budget) =>
        ferret([...words, "--memory-budget", String(budget)]),
      ),
    );
    expect(parsePlan(JSON.parse(enough!.stdout)).memory.total).toBe(Number(least));
    expect([tooLittle!.code, tooLittle!.stderr]).toEqual([
      2,
      refused.stderr.replace("10kB", String(Number(least) - 1)),
    ]);
  });
});

describe("ferret demo and ferret report", () => {
  it("write records and a page, and put them together again", async () => {
    const out = join(folder, "demo");
    const demo = await ferret(["demo", ...short, "--items", "40", "--out", out]);
    expect(demo.code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(["report.html", "results.ndjson"]);
    const records = parseRecords(readFileSync(join(out, "results.ndjson"), "utf8"), "demo");
    const labels = ["Oracle", "Ferret M+", "Ferret M", "Ferret M-", "1-Skip"];
    expect(records.map(({ label }) => label)).toEqual(labels);
    for (const part of demo.stdout.trimEnd().split("\n\n"))
      expect(part.split("\n").map((line) => line.split(/ {2,}/)[0])).toEqual(["method", ...labels]);
    for (const line of demo.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);

    const page = join(folder, "again.html");
    const report = await ferret(["report", out, "--out", page]);
    expect([report.code, report.stdout]).toEqual([0, demo.stdout]);
    expect(existsSync(page)).toBe(true);
  });
});

describe("an algorithm of one's own", () => {
  const module = fileURLToPath(new URL("../../../examples/der-plus-plus.mjs", import.meta.url));

  it.each([
    ["virtual", []],
    ["threads", ["--engine", "threads", "--threads", "2", "--arrival", "max"]],
  ])("runs from its file: %s", async (engine, words) => {
    const own = ["--algorithm", `${module}#createDerPlusPlus`, "--algorithm-options", "replay=4"];
    const run = await ferret(["run", ...short, ...own, ...words, "--json"]);
    // Replay makes the stream so fast that a plan may leave out backward passes, and says so.
    const planned = /took in 20 items, but not every stage learned from all of them/;
    expect(complaints(run).filter((line) => !planned.test(line))).toEqual([]);
    const [record] = parseRecords(run.stdout, "stdout");
    expect(record).toMatchObject({ algorithm: "der++", engine, items: 20 });
    expect(record!.memory.peak).toBeLessThanOrEqual(record!.memory.planned);
    expect(record!.memory.byCategory.replay).toBeGreaterThan(500 * 28 * 28 * 4);
  });
});

describe("ferret experiment forgetting", () => {
  it("prints a row for each learner and algorithm, and writes runs and a page", async () => {
    const out = join(folder, "forgetting");
    const words = ["--items", "20", "--batch", "4", "--seeds", "1", "--test-samples", "40"];
    const list = ["--algorithms", "vanilla,lwf", "--out", out];
    const { code, stdout } = await ferret(["experiment", "forgetting", ...words, ...list]);
    expect(code).toBe(0);
    for (const part of stdout.trimEnd().split("\n\n"))
      expect(part.split("\n").map((line) => line.split(/ {2,}/)[0])).toEqual([
        "learner",
        ...["Oracle, vanilla", "Oracle, lwf", "Ferret M+, vanilla", "Ferret M+, lwf"],
      ]);
    expect(readdirSync(out).sort()).toEqual(["report.html", "results.ndjson", "runs.json"]);
    expect(JSON.parse(readFileSync(join(out, "runs.json"), "utf8"))).toHaveLength(4);
  });
});

describe("ferret experiment pressure", () => {
  it("prints its runs as JSON and writes them, records and a page", async () => {
    const out = join(folder, "pressure");
    const words = ["--items", "12", "--batch", "4", "--seeds", "1", "--pressures", "4,2"];
    const list = ["--methods", "1-skip,ferret", "--memory-budget", "min", "--out", out, "--json"];
    const run = await ferret(["experiment", "pressure", ...words, ...list]);
    expect(run.code).toBe(0);
    const points = JSON.parse(run.stdout);
    expect(points).toMatchObject([
      { label: "1-Skip", pressure: 2, seed: 0, dropped: 50 },
      { label: "Ferret M-", pressure: 2, seed: 0 },
      { label: "1-Skip", pressure: 4, seed: 0, dropped: 75 },
      { label: "Ferret M-", pressure: 4, seed: 0 },
    ]);
    expect(readdirSync(out).sort()).toEqual(["report.html", "results.ndjson", "runs.json"]);
    expect(JSON.parse(readFileSync(join(out, "runs.json"), "utf8"))).toEqual(points);
    const records = parseRecords(readFileSync(join(out, "results.ndjson"), "utf8"), "results");
    expect(records.map(({ oacc }) => oacc)).toEqual(
      points.map(({ oacc }: { oacc: number }) => oacc),
    );
  });
});

describe("ferret schedule", () => {
  it("draws a schedule, tells what it holds and how long it idles, and writes a trace", async () => {
    const file = join(folder, "trace.json");
    const words = ["schedule", "dapple", "--stages", "2", "--microbatches", "2", "--trace", file];
    const drawn = await ferret(words);
    expect(drawn.stdout.split("\n")).toEqual([
      "device 0 | F0 F1 .. .. B0 B0 .. B1 B1",
      "device 1 | .. F0 B0 B0 F1 B1 B1 .. ..",
      "",
      "stage  weight versions  activations  kept for W  staleness (gradients)",
      "0                    1            2           0                  0 (2)",
      "1                    1            1           0                  0 (2)",
      "",
      "2 stages on 2 devices, 2 micro-batches: 9 time units, of which a device is idle for at most " +
        "3 (33 %)",
      "",
    ]);
    expect(JSON.parse(readFileSync(file, "utf8")).traceEvents.length).toBeGreaterThan(8);
    const json = await ferret(["schedule", "zero-bubble", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ name: "zero-bubble", idle: 3 });
    const run = await ferret(["schedule", "ferret", "--workers", "2", "--json"]);
    expect(JSON.parse(run.stdout)).toMatchObject({ name: "ferret", counts: { length: 4 } });
  });
});

describe("ferret --help", () => {
  it("is pointed to with the command that was asked for", async () => {
    const { stderr } = await ferret(["plan", "--profile", "p.json"]);
    expect(stderr.trim()).toBe(
      "ferret: Expected the option --arrival <duration> but it is missing; see ferret plan --help",
    );
  });

  it("speaks of no engine where there is none to choose, and of no empty default", async () => {
    const [demo, run] = [await ferret(["demo", "--help"]), await ferret(["run", "--help"])];
    expect(demo.stdout).not.toMatch(/on threads|or max/);
    expect(run.stdout).toMatch(/on threads: measured/);
    expect(run.stdout).not.toContain("(default: [])");
  });

  it("goes to standard output", async () => {
    const { code, stdout, stderr } = await ferret(["run", "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: ferret run/);
  });
});
