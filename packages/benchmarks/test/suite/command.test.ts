import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResultRecord } from "../../src/record.js";
import { readRuns, type SuiteRun } from "../../src/suite/store.js";
import { cli, complaints, ferret } from "../command.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-suite-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const short = "table1 --quick --settings glyphs/MNISTNet --items 4 --seeds 1".split(" ");
const suite = (out: string, ...words: string[]) =>
  ferret(["suite", ...short, ...words, "--out", out]);
const runsIn = (out: string) => readRuns(out, (sentence) => expect.fail(sentence));

/** What follows from setting and seed, by key. */
function resultsOf(out: string): Map<string, unknown> {
  const files = readdirSync(join(out, "runs")).sort();
  return new Map(
    files.map((file) => {
      const { case: one, record } = JSON.parse(
        readFileSync(join(out, "runs", file), "utf8"),
      ) as SuiteRun;
      return [file, [one, settled(record)]];
    }),
  );
}

function settled(record: ResultRecord): Partial<ResultRecord> {
  const { throughput, wallTime, residentGrowth, environment, gitRevision, ...result } = record;
  return result;
}

function lineOf({ stderr }: { readonly stderr: string }): string | undefined {
  return stderr.split("\n").find((line) => / runs: /.test(line));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on("exit", (code) => resolve(code)));
}

// Each of them runs many programs; on a busy machine that takes minutes.
describe("ferret suite", { timeout: 400_000 }, () => {
  it("makes each run once, however many processes share the work", async () => {
    const alone = join(folder, "alone");
    const first = await suite(alone, "--processes", "1");
    expect([
      first.code,
      complaints(first).filter(
        (line) => !/glyphs|runs:|left out|oneDNN|tfjs|page and tables|of 8 runs/.test(line),
      ),
    ]).toEqual([0, []]);
    expect(lineOf(first)).toMatch(/^ferret: 8 runs: 8 made; /);
    expect(runsIn(alone)).toHaveLength(8);
    expect(readdirSync(join(alone, "claims"))).toEqual([]);
    const again = await suite(alone);
    expect([again.code, lineOf(again)]).toEqual([0, "ferret: 8 runs: 8 there already"]);
    expect(again.stdout).toBe(first.stdout);

    // Two at once on one folder, and two shares of another: the same runs, to the bit.
    const shared = join(folder, "shared");
    const [left, right] = await Promise.all([suite(shared, "--processes", "1"), suite(shared)]);
    expect([left.code, right.code]).toEqual([0, 0]);
    const made = [left, right].map((outcome) =>
      Number(/(\d+) made/.exec(lineOf(outcome) ?? "")?.[1] ?? 0),
    );
    expect(made[0]! + made[1]!).toBe(8);
    expect(resultsOf(shared)).toEqual(resultsOf(alone));

    const shares = join(folder, "shares");
    const env = { SLURM_PROCID: "1", SLURM_STEP_NUM_TASKS: "2" };
    const half = await suite(shares, "--shard", "1/2");
    const other = await ferret(["suite", ...short, "--out", shares], { env });
    expect([half.code, other.code]).toEqual([0, 0]);
    expect(other.stderr).toContain("share 2/2 of the runs, as Slurm says");
    expect(resultsOf(shares)).toEqual(resultsOf(alone));
  });

  it.each(["SIGINT", "SIGKILL"] as const)(
    "keeps what is done on %s, and goes on",
    async (signal) => {
      const out = join(folder, signal);
      const words = ["suite", ...short, "--items", "12", "--processes", "2", "--out", out];
      const child = spawn(process.execPath, [cli, ...words], { stdio: "ignore" });
      const exit = ended(child);
      await until(
        () => existsSync(join(out, "runs")) && readdirSync(join(out, "runs")).length >= 2,
      );
      child.kill(signal);
      expect(await exit).toBe(signal === "SIGINT" ? 130 : null);
      const kept = runsIn(out).length;
      expect(kept).toBeGreaterThanOrEqual(2);
      expect(kept).toBeLessThan(8);
      if (signal === "SIGINT") expect(readdirSync(join(out, "claims"))).toEqual([]);
      const rest = await suite(out, "--items", "12");
      expect([rest.code, lineOf(rest)?.replace(/;.*/, "")]).toEqual([
        0,
        `ferret: 8 runs: ${8 - kept} made, ${kept} there already`,
      ]);
      expect(readdirSync(out).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    },
  );

  it("goes on with runs that were under way where they were saved", async () => {
    const words = ["--items", "40", "--every", "3items", "--processes", "1"];
    const whole = join(folder, "whole");
    expect((await suite(whole, ...words)).code).toBe(0);
    const out = join(folder, "saved");
    const line = ["suite", ...short, ...words, "--out", out];
    const saved = join(out, "checkpoints");
    const isUnderWay = () =>
      existsSync(saved) &&
      readdirSync(saved).some((key) =>
        readdirSync(join(saved, key)).some((name) => name.endsWith(".json")),
      );
    let goneOn = 0;
    for (let kill = 0; kill < 3; kill++) {
      const child = spawn(process.execPath, [cli, ...line], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      const exit = ended(child);
      await until(() => isUnderWay() && (kill === 0 || /going on from item/.test(said)));
      child.kill("SIGKILL");
      await exit;
      if (/going on from item \d+ of 40/.test(said)) goneOn += 1;
    }
    expect(goneOn).toBeGreaterThanOrEqual(2);
    const rest = await suite(out, ...words);
    expect(rest.code).toBe(0);
    expect(rest.stderr).toMatch(/going on from item/);
    expect(resultsOf(out)).toEqual(resultsOf(whole));
    expect(readdirSync(saved)).toEqual([]);
    // Runs without checkpoints are other runs.
    const other = await suite(out, "--items", "40", "--processes", "2");
    expect(lineOf(other)).toMatch(/^ferret: 8 runs: 8 made; /);
  });

  it("says what is to be put where, and what stands in", async () => {
    const out = join(folder, "nothing");
    const outcome = await ferret(
      ["suite", "stream", "--quick", "--items", "2", "--seeds", "1", "--out", out],
      {
        env: { FERRET_CACHE_DIR: join(folder, "no cache") },
      },
    );
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain("no data of the paper's settings is here; digits that");
    expect(outcome.stderr).toMatch(
      /Tiny-ImageNet\/ConvNet, Split-Tiny-ImageNet\/ConvNet left out: tiny-imagenet is not here; put .* into .*tiny-imagenet-200/,
    );
    expect(outcome.stderr).toMatch(/SVHN.* left out: .*ferret datasets --read svhn downloads it/);
    expect(new Set(runsIn(out).map((run) => run.case.setting))).toEqual(
      new Set(["glyphs/MNISTNet", "Split-glyphs/MNISTNet", "Rotating-glyphs/MNISTNet"]),
    );
  });

  it.each([
    [["tabel1"], /Expected one of table1, .* but received "tabel1"; did you mean "table1"\?/],
    [["table1", "--settings", "MNIST"], /for --settings but received "MNIST"/],
    [["table1", "--settings", "MNIST/MNISTNet"], /Expected the data of at least one setting/],
    [["table1", "--shard", "3/2"], /Expected a share such as 1\/4/],
    [["table1", "--processes", "0"], /for --processes but received "0"/],
    [["table1", "--items", "-1"], /for --items but received "-1"/],
  ])("refuses %o in a sentence, and leaves nothing", async (words, sentence) => {
    const out = join(folder, "refused");
    const env = { FERRET_CACHE_DIR: join(folder, "no cache") };
    const outcome = await ferret(["suite", ...words, "--out", out], { env });
    expect([outcome.code, outcome.stdout]).toEqual([2, ""]);
    expect(outcome.stderr).toMatch(sentence);
    expect(existsSync(out)).toBe(false);
  });
});
