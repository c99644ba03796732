// The command is run as people run it: built, by its file.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import {
  formatBytes,
  noOverheads,
  parsePlan,
  parseProfile,
  planUnder,
  slots,
} from "../src/index.js";

const command = fileURLToPath(new URL("../bin/ferret-plan.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ferret-plan-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Four figures a layer. */
const told = {
  version: 1,
  batch: 32,
  inputBytes: 100_352,
  layers: [
    { forwardTime: 0.2, backwardTime: 0.4, parameterBytes: 803_840, outputBytes: 32_768 },
    { forwardTime: 0.06, backwardTime: 0.13, parameterBytes: 263_168, outputBytes: 32_768 },
    { forwardTime: 0.01, backwardTime: 0.02, parameterBytes: 10_280, outputBytes: 1_280 },
  ],
};
const profile = join(folder, "profile.json");
writeFileSync(profile, JSON.stringify(told));

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("ferret-plan", () => {
  it("prints and writes the plan that the library makes", () => {
    const { status, stdout } = run(profile, "--arrival", "100us", "--budget", "4MiB");
    expect(status).toBe(0);
    const { plan } = planUnder(4 * 2 ** 20, {
      profile: parseProfile(told),
      arrivalInterval: 0.1,
      objective: "progress",
      overheads: noOverheads,
    });
    const { slots: counts, ...written } = JSON.parse(
      readFileSync(join(folder, "plan.json"), "utf8"),
    );
    expect(written).toEqual(JSON.parse(JSON.stringify(plan)));
    expect(parsePlan(written)).toEqual(written);
    expect(counts).toEqual(slots(plan.partition, plan.workers, plan.inFlight));
    expect(stdout).toContain(`memory ${formatBytes(plan.memory.total)}`);
    expect(stdout).toContain("written to plan.json");
  });

  it("prints what the README says", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const [, text = "", line = "", printed = ""] =
      /<<'END'\n(.*?)END\nnpx \S+ (.*?)\n.*?^```text\n(.*?)^```/ms.exec(readme) ?? [];
    const [file = "", ...words] = line.split(" ");
    writeFileSync(join(folder, file), text);
    expect(run(file, ...words)).toEqual({ status: 0, stdout: printed, stderr: "" });
  });

  it("prints JSON alone, and writes it where it is told to", () => {
    const words = [profile, "--arrival", "0.1ms", "--budget", "min", "--json"];
    const { stdout } = run(...words, "--out", "least.json", "--partition", "0,1");
    expect(JSON.parse(stdout).partition).toEqual([0, 1]);
    expect(JSON.parse(readFileSync(join(folder, "least.json"), "utf8"))).toEqual(
      JSON.parse(stdout),
    );
  });

  it("lists what budgets buy, and explains", () => {
    expect(run(profile, "--arrival", "100us", "--sweep").stdout).toMatch(/budget +progress/);
    const words = [profile, "--arrival", "100us", "--objective", "paper", "--explain"];
    expect(run(...words).stdout).toContain("stages hold");
    expect(run("--help").stdout).toContain("Usage: ferret-plan PROFILE.json");
  });

  it.each<[string, string[], RegExp]>([
    ["no profile", ["--arrival", "5ms"], /one file with a profile but received 0/],
    ["no interval", [profile], /Expected --arrival/],
    ["a file that is not there", ["none.json", "--arrival", "5ms"], /cannot be read/],
    [
      "a file that is not JSON",
      [command, "--arrival", "5ms"],
      /as JSON in .* but it does not parse/,
    ],
    ["an interval that is none", [profile, "--arrival", "5"], /units are ns, us, ms, s/],
    ["a budget that is none", [profile, "--arrival", "5ms", "--budget", "4 apples"], /units are B/],
    ["a budget below the least", [profile, "--arrival", "5ms", "--budget", "4KiB"], /at least \d+/],
    ["what is no file", [folder, "--arrival", "5ms"], /not a regular file/],
    [
      "a sweep with a budget",
      [profile, "--arrival", "5ms", "--sweep", "--budget", "min"],
      /--sweep/,
    ],
    ["words beside JSON", [profile, "--arrival", "5ms", "--json", "--explain"], /--explain/],
    [
      "a budget too small, by its option",
      [profile, "--arrival", "5ms", "--budget", "9KiB"],
      /--budget but received 9216 bytes/,
    ],
    ["an unknown option", [profile, "--arival", "5ms"], /'--arival'/],
    ["an unknown objective", [profile, "--arrival", "5ms", "--objective", "fun"], /"fun"/],
    ["a partition that is none", [profile, "--arrival", "5ms", "--partition", "0,x"], /"x"/],
  ])("refuses %s in one sentence, and writes nothing", (_, words, message) => {
    const { status, stdout, stderr } = run(...words, "--out", "refused.json");
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, "refused.json"))).toBe(false);
  });

  it("leaves nothing behind where it cannot write", () => {
    const before = readdirSync(folder);
    expect(run(profile, "--arrival", "100us", "--out", "").stderr).toMatch(/name for --out/);
    expect(run(profile, "--arrival", "100us", "--out", "none/plan.json").status).toBe(2);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("replaces a plan, and nothing else", () => {
    const words = [profile, "--arrival", "100us", "--out"];
    expect(run(...words, "plan.json").status).toBe(0);
    expect(run(...words, "profile.json").stderr).toMatch(/something else is there/);
    expect(JSON.parse(readFileSync(profile, "utf8"))).toEqual(told);
  });
});

describe("a profile of four figures a layer", () => {
  it("is filled in as the docstring says", () => {
    const whole = parseProfile({ ...told, learnBatch: 64 });
    expect(whole).toMatchObject({
      model: "model",
      learnBatch: 64,
      labelBytes: 256,
      itemInputBytes: 50_176,
      itemLabelBytes: 128,
      timing: "measured",
    });
    expect(whole.sequentialTime).toBeCloseTo(0.41, 12);
    expect(whole.layers[1]).toEqual({
      name: "layer 1",
      forwardTime: 0.06,
      backwardTime: 0.13,
      parameterBytes: 263_168,
      activationBytes: 32_768,
      outputBytes: 32_768,
      predictionBytes: 16_384,
      innerBytes: 32_768,
      lastBytes: 0,
      gradientBytes: 32_768,
      scratchBytes: 0,
    });
    expect(whole.layers[0]?.gradientBytes).toBe(100_352);
    expect(parseProfile(whole)).toEqual(whole);
  });
});
