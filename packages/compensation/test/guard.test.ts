import { expect, it } from "vitest";
import { fisher } from "../src/algorithms/fisher.js";
import { guard, referenceKernels as kernels } from "../src/index.js";
import { pageHinkley, pageHinkleyNumbers } from "../src/page-hinkley.js";
import { bare } from "./bare.js";

const floats = (...values: number[]) => Float32Array.from(values);
const versions = [floats(0, 0), floats(0.1, 0.1)];
const context = { staleness: 1, learningRate: 0.1 };

function watched() {
  const compensator = guard(bare(fisher, { lambda: 1 }), kernels);
  const state = compensator.init({ parameterCount: 2 });
  const pass = (value: number) => {
    const gradient = floats(value, value);
    compensator.update({ gradient, versions, state, ...context });
    return gradient[0];
  };
  return { pass, faults: () => compensator.faults?.(state) };
}

it("passes a hundred gradients as they are after one that is not finite", () => {
  const { pass, faults } = watched();
  expect(pass(1)).toBeCloseTo(1.1, 5);
  expect(pass(Number.NaN)).toBeNaN();
  for (let step = 0; step < 100; step++) expect(pass(1)).toBe(1);
  expect(pass(1)).toBeCloseTo(1.1, 5);
  expect(faults()).toBe(1);
});

it("takes a thousandfold norm for an explosion, but not where it stays small", () => {
  const explosion = watched();
  explosion.pass(1);
  expect(explosion.pass(5000)).toBe(5000);
  expect(explosion.faults()).toBe(1);
  const awakening = watched();
  awakening.pass(1e-4);
  expect(awakening.pass(1)).toBeCloseTo(1.1, 5);
  expect(awakening.faults()).toBe(0);
});

it("Page-Hinkley finds a jump within a few values and nothing before", () => {
  const state = new Float64Array(pageHinkleyNumbers);
  const noise = (k: number) => Math.sin(12.9898 * k * k) * 1.2;
  const alarms: number[] = [];
  for (let k = 0; k < 400; k++)
    if (pageHinkley(state, noise(k) + (k < 300 ? 0 : 4), 0.5, 10)) alarms.push(k);
  expect(alarms).toHaveLength(1);
  expect(alarms[0]).toBeGreaterThanOrEqual(300);
  expect(alarms[0]).toBeLessThan(310);
});
