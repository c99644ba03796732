import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLearner } from "@ferret-ocl/pipeline";
import { afterAll, describe, expect, it } from "vitest";
import { Service, type ServiceOptions } from "../src/index.js";
import { learner, regressor } from "./small-learner.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-service-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stateOf = (name: string) => ({ learner, state: join(folder, name) });

/** Opens a service, does something with it, and closes it. */
async function using<Result>(
  options: ServiceOptions,
  work: (service: Service) => Promise<Result>,
): Promise<Result> {
  const service = await Service.open(options);
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}

const sampleAt = (k: number) => Float32Array.from({ length: 4 }, (_, at) => Math.sin(3 * k + at));

it("learns what it has predicted when the label comes, and goes on after a restart", async () => {
  const options = stateOf("first");
  const parameters = await using(options, async (service) => {
    const { id, probabilities } = await service.predict(new Float32Array([1, 0, 0, 0]));
    expect(probabilities).toHaveLength(3);
    expect(await service.label(id, 2)).toBe(true);
    expect(await service.label(id, 2)).toBe(false);
    service.moveTo("items", 7);
    await service.save();
    return service.learner.parameters();
  });
  await using(options, async (again) => {
    expect(again.positionOf("items")).toBe(7);
    expect(again.learner.parameters()).toEqual(parameters);
  });
});

it("learns a label that comes after a restart, as without one", async () => {
  const run = (name: string, restarts: boolean) =>
    using(stateOf(name), async (first) => {
      await first.predict(sampleAt(1), "early");
      await first.learn(sampleAt(2), 1);
      await first.save();
      const go = async (service: Service) => {
        expect(await service.label("early", 0)).toBe(true);
        const { scores } = service;
        return [service.learner.parameters(), scores.samples.all, scores.gauges().accuracy?.all];
      };
      return restarts ? using(stateOf(name), go) : go(first);
    });
  expect(await run("restarted", true)).toEqual(await run("one", false));
});

it("has the parameters of a learner that was called directly", async () => {
  const direct = await createLearner(learner);
  const parameters = await using({ learner }, async (service) => {
    for (let k = 0; k < 20; k++) {
      if (k % 3 === 0) await service.learn(sampleAt(k), k % 3);
      else await service.label((await service.predict(sampleAt(k))).id, k % 3);
      await direct.learn(sampleAt(k), k % 3);
    }
    return service.learner.parameters();
  });
  expect(parameters).toEqual(direct.parameters());
  await direct.dispose();
});

it("serves values as well", async () => {
  const options = { learner: regressor, state: join(folder, "values") };
  const truths: number[][] = [];
  const said: number[][] = [];
  const direct = await createLearner(regressor);
  const learnBoth = async (service: Service, k: number) => {
    const { id, values = expect.fail() } = await service.predict(sampleAt(k), `k${k}`);
    expect([...values]).toEqual([...(await direct.predict(sampleAt(k))).values]);
    const y = [Math.cos(k), k / 10];
    truths.push(y.map(Math.fround));
    said.push([...values]);
    expect(await service.label(id, y)).toBe(true);
    await direct.learn(sampleAt(k), y);
  };
  await using(options, async (service) => {
    for (let k = 0; k < 6; k++) await learnBoth(service, k);
    await expect(service.label("nobody", [1, 2])).resolves.toBe(false);
    const { values = expect.fail() } = await service.predict(sampleAt(9), "late");
    truths.push([0, 0]);
    said.push([...values]);
    await expect(service.label("late", 1)).rejects.toThrow(/2 targets for y, 2 a sample/);
    await service.save();
    // What is in flight finishes before a checkpoint.
    await direct.save(join(folder, "direct"));
  });
  await using(options, async (service) => {
    expect(service.learner.parameters()).toEqual(direct.parameters());
    expect(await service.label("late", [0, 0])).toBe(true);
    const errors = truths.flatMap((y, k) =>
      y.map((value, at) => value - (said[k]?.[at] as number)),
    );
    const absolute = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
    expect(service.scores.gauges().mean_absolute_error?.all).toBeCloseTo(absolute, 6);
  });
  await direct.dispose();
});

describe("memory", () => {
  const mlp = { ...learner, model: "mlp" } as const;

  it("counts samples that wait in a budget that is a size", async () => {
    const waitingBytes = 100_000;
    await using({ learner: { ...mlp, memoryBudget: "3MiB" }, waitingBytes }, async (service) => {
      const { plannedBytes } = service.waiting;
      expect(plannedBytes).toBeLessThanOrEqual(waitingBytes);
      expect(service.learner.memoryBudget).toBe(3 * 2 ** 20 - plannedBytes);
      expect(service.memoryBudget).toBe(3 * 2 ** 20);
      await service.replan({ memoryBudget: "2MiB" });
      expect(service.learner.memoryBudget).toBe(2 * 2 ** 20 - plannedBytes);
      await expect(service.replan({ memoryBudget: 50_000 })).rejects.toThrow(
        /memoryBudget above the \d+ bytes of samples that wait/,
      );
      await service.replan({ memoryBudget: "none" });
      expect(service.memoryBudget).toBeNull();
    });
  });

  it("keeps a budget across a restart with more samples that wait", async () => {
    const state = join(folder, "more-waiting");
    await using({ learner: { ...mlp, memoryBudget: "3MiB" }, state }, async (service) => {
      await service.replan({ memoryBudget: "4MiB" });
      await service.save();
    });
    await using({ learner: mlp, state, waitingBytes: "2MiB" }, async (service) => {
      expect(service.waiting.plannedBytes).toBeGreaterThan(1.9 * 2 ** 20);
      expect(service.memoryBudget).toBe(4 * 2 ** 20);
    });
  });

  it("leaves a budget by name as it is", async () => {
    const budgets = await Promise.all(
      [1, 2].map((size) =>
        using(
          { learner: { ...mlp, memoryBudget: "min" }, waitingBytes: size * 2 ** 20 },
          async ({ learner }) => learner.memoryBudget,
        ),
      ),
    );
    expect(budgets[0]).toBe(budgets[1]);
  });
});

describe("a checkpoint", () => {
  const state = join(folder, "settings");
  const made = { ...learner, seed: 3, learningRate: 0.1 } as const;

  it("refuses other settings by name, and takes those that may change", async () => {
    await using({ learner: made, state }, (service) => service.save());
    const refused = [
      [
        { learningRate: 0.2 },
        /Expected 0.1 for learningRate, as the learner in .* but received 0.2/,
      ],
      [{ seed: 4 }, /Expected 3 for seed/],
      [{ batch: 4 }, /Expected 2 for batch/],
      [{ optimizer: "adam" }, /Expected "sgd" for optimizer/],
      [{ algorithm: "er" }, /Expected "vanilla" for algorithm/],
      [{ classes: 4 }, /Expected 3 for classes/],
      [{ inputShape: [5] }, /Expected \[4\] for inputShape/],
      [{ model: "mlp" }, /Expected the layers of .* for model.* but received "mlp"/],
      [{ model: [{ class_name: "Dense", config: { units: 3, activation: "tanh" } }] }, /for model/],
    ] as const;
    for (const [other, message] of refused)
      await expect(
        Service.open({ learner: { ...made, ...other } as never, state }),
        JSON.stringify(other),
      ).rejects.toThrow(message);
    const others = { ...made, memoryBudget: "2MiB", arrivalInterval: "2ms" } as const;
    await using({ learner: others, state }, async (service) => {
      expect(service.memoryBudget).toBe(2 * 2 ** 20);
    });
  });
});

it("refuses a sample twice under one id, also while it is being predicted", async () => {
  await using({ learner }, async (service) => {
    const [first, second] = await Promise.allSettled([
      service.predict(sampleAt(0), "a"),
      service.predict(sampleAt(1), "a"),
    ]);
    expect([first.status, second.status]).toEqual(["fulfilled", "rejected"]);
    await expect(service.predict(sampleAt(1), "a")).rejects.toThrow(/no other sample waits/);
    // What failed keeps no id.
    await expect(service.predict(new Float32Array([Number.NaN, 0, 0, 0]), "b")).rejects.toThrow();
    await service.predict(sampleAt(1), "b");
  });
});
