import { describe, expect, it } from "vitest";
import { identityOf } from "../../src/suite/case.js";
import { casesOf } from "../../src/suite/results.js";
import { fullScale, quickScale } from "../../src/suite/scale.js";
import { paperSettings } from "../../src/suite/settings.js";
import { parseShard, scheduledShard, shareOf } from "../../src/suite/shard.js";
import { suiteParts } from "../../src/suite/tables/registry.js";

const cases = casesOf(suiteParts, paperSettings, fullScale);

describe("the cases of a suite", () => {
  it("are each there once, whatever tables share them, seed by seed", () => {
    const ids = cases.map(identityOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(cases.map(({ run }) => run.seed)).toEqual(
      cases.map(({ run }) => run.seed).sort((left, right) => left - right),
    );
    const apart = suiteParts.map((part) => casesOf([part], paperSettings, fullScale).length);
    expect(cases.length).toBeLessThan(apart.reduce((sum, count) => sum + count, 0));
  });

  it("are fewer of the quick ones", () => {
    const quick = casesOf(suiteParts, paperSettings, quickScale);
    expect(quick.length).toBeLessThan(cases.length / 1.5);
  });

  it("compare each contender with one that is there", () => {
    for (const scale of [quickScale, fullScale])
      for (const part of suiteParts) {
        const all = part.contenders(paperSettings[0]!, scale);
        const labels = all.map(({ label }) => label);
        expect(new Set(labels).size).toBe(labels.length);
        for (const { baseline } of all)
          if (baseline !== undefined) expect(labels).toContain(baseline);
      }
  });
});

describe("shares", () => {
  it.each([1, 2, 3, 7])("are %i parts of the whole, of about the same size", (count) => {
    const shares = Array.from({ length: count }, (_, index) => shareOf(cases, { index, count }));
    expect(shares.flat().map(identityOf).sort()).toEqual(cases.map(identityOf).sort());
    for (const share of shares) {
      expect(share.length).toBeGreaterThan((0.8 * cases.length) / count);
      expect(share.length).toBeLessThan((1.2 * cases.length) / count);
    }
  });

  it("do not depend on what else is asked for", () => {
    const few = casesOf(suiteParts.slice(0, 1), paperSettings.slice(0, 2), fullScale);
    const share = { index: 1, count: 3 };
    const whole = shareOf(cases, share).map(identityOf);
    expect(shareOf(few, share).map(identityOf)).toEqual(
      few.map(identityOf).filter((id) => whole.includes(id)),
    );
  });

  it("are told by --shard, from 1", () => {
    expect(parseShard("1/4")).toEqual({ index: 0, count: 4 });
    expect(parseShard("4/4")).toEqual({ index: 3, count: 4 });
    for (const text of ["0/4", "5/4", "1", "1/0", "-1/4", "a/b", "1/4/2", ""])
      expect(() => parseShard(text)).toThrow(
        `Expected a share such as 1/4, the first of four, for --shard but received "${text}"`,
      );
  });

  it.each([
    [{}, null],
    [{ SLURM_PROCID: "0", SLURM_NTASKS: "4" }, null],
    [{ SLURM_PROCID: "0", SLURM_STEP_NUM_TASKS: "1" }, null],
    [
      { SLURM_PROCID: "3", SLURM_STEP_NUM_TASKS: "4" },
      { index: 3, count: 4, scheduler: "Slurm" },
    ],
    [
      { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "2" },
      { index: 0, count: 2, scheduler: "Open MPI" },
    ],
    [
      { JOB_COMPLETION_INDEX: "1", JOB_COMPLETIONS: "3" },
      { index: 1, count: 3, scheduler: "Kubernetes" },
    ],
  ])("are a scheduler's tasks: %o", (environment, share) => {
    expect(scheduledShard(environment)).toEqual(share);
  });

  it("are refused where a scheduler does not say of how many, or counts wrongly", () => {
    expect(() => scheduledShard({ JOB_COMPLETION_INDEX: "1" })).toThrow(
      "Expected the number of tasks in JOB_COMPLETIONS beside JOB_COMPLETION_INDEX=1 but found none",
    );
    expect(() => scheduledShard({ SLURM_PROCID: "1", SLURM_STEP_NUM_TASKS: "2.5" })).toThrow("2.5");
    expect(() => scheduledShard({ SLURM_PROCID: "4", SLURM_STEP_NUM_TASKS: "4" })).toThrow(
      "Expected whole numbers, SLURM_PROCID from 0 to below SLURM_STEP_NUM_TASKS, but received 4 of 4",
    );
  });
});
