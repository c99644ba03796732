import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseRecords } from "../src/record.js";
import { cli, complaints, ferret, type Outcome } from "./command.js";
import { workplace } from "./datasets-encode.js";

const { folder, write } = workplace();
const short = ["--model", "mlp", "--batch", "4", "--items", "20"];

/** The built command behind a line of the shell, in which it is `$FERRET`. */
function shell(line: string): Promise<Outcome> {
  const env = { ...process.env, FERRET_DATA_DIR: "", FERRET: `${process.execPath} ${cli}` };
  const child = spawn("bash", ["-o", "pipefail", "-c", line], { cwd: folder, env });
  const outcome = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (chunk: Buffer) => {
      outcome[stream] += chunk.toString();
    });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...outcome })));
}

const recordsIn = (path: string) =>
  parseRecords(readFileSync(join(folder, path, "results.ndjson"), "utf8"), path);

describe("results are there all the same", () => {
  it("where the disk is full: what was found is told, and the next run can write on", async () => {
    const words = `run ${short.join(" ")} --out full`;
    const run = await shell(`ulimit -f 4; $FERRET ${words}`);
    expect(complaints(run)).toEqual([
      "ferret: Expected to be able to write full/results.ndjson but got EFBIG; make room there or " +
        "choose another folder",
    ]);
    expect([run.code, run.stdout]).toEqual([2, expect.stringMatching(/^method .*\nFerret M\+ /)]);
    const again = await ferret(["run", ...short, "--out", "full"], { cwd: folder });
    expect(complaints(again)).toEqual([
      expect.stringMatching(/^ferret: line 1 of full\/results\.ndjson is damaged \(/),
    ]);
    const report = await ferret(["report", "full"], { cwd: folder });
    expect([report.code, report.stdout]).toEqual([0, run.stdout]);
    expect(complaints(report)[0]).toMatch(/line 1 of full\/results\.ndjson was only half written/);
  });

  it("where the model cannot be saved", async () => {
    const run = await shell(
      `ulimit -f 500; $FERRET run ${short.join(" ")} --out saved --save-weights big.safetensors`,
    );
    expect(complaints(run)).toEqual([
      "ferret: Expected to be able to write big.safetensors but got EFBIG; make room there or " +
        "choose another place",
    ]);
    expect([run.code, recordsIn("saved").length]).toEqual([2, 1]);
    expect(existsSync(join(folder, "big.safetensors"))).toBe(false);
  });

  it("where nobody reads on, as behind head", async () => {
    const run = await shell(`$FERRET run ${short.join(" ")} --json --out piped | true`);
    expect([complaints(run), recordsIn("piped").length]).toEqual([[], 1]);
    expect([0, 141]).toContain(run.code);
    const silent = await shell(`$FERRET demo ${short.join(" ")} --out silent 2>&1 | head -c 1`);
    expect([silent.stderr, recordsIn("silent").length]).toEqual(["", 5]);
  });

  it("where standard output is full, which is told in a line", async () => {
    const run = await shell(`$FERRET run ${short.join(" ")} --out told --json > /dev/full`);
    expect([run.code, complaints(run)]).toEqual([
      2,
      [
        expect.stringMatching(
          /^ferret: Expected to be able to write to standard output but got ENOSPC;/,
        ),
      ],
    ]);
    expect(recordsIn("told")).toHaveLength(1);
  });

  it("where the cache cannot be written, which is a warning", async () => {
    write("no-folder", "");
    const run = await ferret(["run", ...short, "--timing", "measured", "--json"], {
      cwd: folder,
      env: { FERRET_CACHE_DIR: join(folder, "no-folder") },
    });
    expect([run.code, parseRecords(run.stdout, "stdout").length]).toEqual([0, 1]);
    expect(complaints(run)).toEqual([
      expect.stringMatching(/^ferret: the measured profile could not be kept in .*no-folder/),
    ]);
  });

  it.each([
    ["SIGTERM", []],
    ["SIGHUP", ["--engine", "threads", "--threads", "2", "--arrival", "max"]],
  ] as const)("after %s %j", { timeout: 60_000 }, async (signal, words) => {
    // The process signals itself half a second after it has begun to listen.
    const script =
      `process.on("newListener", (name) => name === "${signal}" && ` +
      `setTimeout(() => process.kill(process.pid, "${signal}"), 500))`;
    const out = `after-${signal}-${words.length}`;
    const stopped = await ferret(
      [
        "run",
        ...short,
        "--items",
        "100000000",
        "--passes",
        "10000",
        "--json",
        "--out",
        out,
        ...words,
      ],
      {
        cwd: folder,
        env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
      },
    );
    expect(stopped.code).toBe(0);
    const [record] = parseRecords(stopped.stdout, "stdout");
    expect(record?.items).toBeLessThan(100_000_000);
    expect(recordsIn(out)).toEqual([record]);
    expect(readdirSync(join(folder, out)).sort()).toEqual(["report.html", "results.ndjson"]);
  });

  it("of runs that were finished when a second signal ended the program at once", async () => {
    const script =
      'process.on("newListener", (name) => name === "SIGINT" && setTimeout(() => {' +
      'process.kill(process.pid, "SIGINT"); process.kill(process.pid, "SIGINT"); }, 500))';
    const run = await ferret(
      ["run", ...short, "--items", "100000000", "--passes", "10000", "--out", "twice"],
      {
        cwd: folder,
        env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
      },
    );
    expect([run.code, run.stdout]).toEqual([130, ""]);
    expect(existsSync(join(folder, "twice"))).toBe(false);
  });
});

describe("several runs into one folder", () => {
  it("keep all their records, also at the same time", async () => {
    const seeds = [0, 1, 2];
    const runs = await Promise.all(
      seeds.map((seed) =>
        ferret(["run", ...short, "--seed", `${seed}`, "--out", "shared"], { cwd: folder }),
      ),
    );
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(
      recordsIn("shared")
        .map(({ seed }) => seed)
        .sort(),
    ).toEqual(seeds);
    expect(readFileSync(join(folder, "shared/report.html"), "utf8")).toContain("seeds 0, 1, 2");
  });
});

describe("an experiment of which a run fails", () => {
  const limited = ["--batch", "4", "--items", "20", "--seeds", "1"];

  it("goes on with the others, and says in the end what failed", async () => {
    const words = ["--methods", "1-skip,dapple,ferret", "--pressures", "2", "--stages", "9"];
    const run = await ferret(
      ["experiment", "pressure", ...limited, ...words, "--out", "partly", "--json"],
      { cwd: folder },
    );
    expect(run.code).toBe(2);
    expect(JSON.parse(run.stdout).map(({ label }: { label: string }) => label)).toEqual([
      "1-Skip",
      "Ferret M+",
    ]);
    expect(complaints(run)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ferret: 2\/3 {2}DAPPLE at pressure 2, seed 0 failed: Expected .*9/),
        "ferret: 1 of 3 runs failed, see above; the results below are those of the others",
      ]),
    );
    expect(recordsIn("partly")).toHaveLength(2);
  });

  it("measures the data sets that are there", async () => {
    const list = ["--datasets", "glyphs,nowhere.csv", "--methods", "secant", "--orders", "iid"];
    const run = await ferret(
      [
        "experiment",
        "compensation",
        ...limited,
        ...list,
        "--staleness",
        "2",
        "--lrs",
        "0.1",
        "--out",
        "sweep",
        "--json",
      ],
      { cwd: folder },
    );
    expect([run.code, JSON.parse(run.stdout).length]).toEqual([2, 4]);
    expect(complaints(run).slice(1)).toEqual([
      expect.stringMatching(/^ferret: 8\/8 {2}nowhere\.csv, seed 0 failed: Expected one of glyphs/),
      "ferret: 4 of 8 runs failed, see above; the results below are those of the others",
    ]);
    expect(readdirSync(join(folder, "sweep")).sort()).toEqual([
      "compensation.html",
      "compensation.json",
      "compensation.ndjson",
    ]);
  });

  it("tells once what all of them fail for, and leaves nothing behind", async () => {
    const words = [
      "--algorithm",
      "er",
      "--algorithm-options",
      "bufer=ring",
      "--out",
      "none/at/all",
    ];
    const run = await ferret(["experiment", "pressure", ...limited, ...words], { cwd: folder });
    expect([run.code, run.stdout]).toEqual([2, ""]);
    const lines = complaints(run).filter((line) => !line.startsWith("ferret: native"));
    expect(lines).toEqual([
      expect.stringMatching(/but received "bufer"; these are all the settings of er$/),
    ]);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  it("raises the demo's own budget to the least that can be planned, and says so", async () => {
    const run = await ferret(
      ["demo", ...short, "--algorithm", "mir", "--objective", "paper", "--json", "--out", "raised"],
      {
        cwd: folder,
      },
    );
    expect(run.code).toBe(0);
    const raised = parseRecords(
      run.stdout.slice(1, -2).replaceAll('},{"version"', '}\n{"version"'),
      "",
    );
    expect(raised.map(({ label }) => label)).toEqual([
      "Oracle",
      "Ferret M+",
      "Ferret M",
      "Ferret M-",
      "1-Skip",
    ]);
    const [middle, least] = [raised[2]!.memory, raised[3]!.memory];
    expect(middle.budget).toBe(least.budget);
    expect(middle.raisedFrom).toBeLessThan(middle.budget!);
    expect(run.stderr).toMatch(/Ferret M ran with .*, the least that any plan needs here/);
  });
});
