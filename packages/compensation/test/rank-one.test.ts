import { describe, expect, it } from "vitest";
import { type Compensator, createCompensator } from "../src/index.js";

const learningRate = 0.1;

/** Curvature 6 along the mean of both rows in each of two columns, usually 0.02 beside it. */
const [large, usually] = [6, 0.02];

function gradientAt(theta: Float32Array, step: number, small = usually): Float32Array {
  const [a, b, c, d] = theta as unknown as [number, number, number, number];
  // Items differ along the mean, so that gradients go on pointing there.
  const mean = [(a + c) / 2 + Math.sin(2.3 * step), (b + d) / 2 - Math.sin(1.7 * step)];
  const other = [(a - c) / 2, (b - d) / 2];
  return Float32Array.of(
    large * mean[0]! + small * other[0]!,
    large * mean[1]! + small * other[1]!,
    large * mean[0]! - small * other[0]!,
    large * mean[1]! - small * other[1]!,
  );
}

interface Run {
  readonly name: string;
  readonly delay: number;
  /** Gradients of an update. */
  readonly group?: number;
  /** Whether the compensator is told what waits in a group. */
  readonly tellsPending?: boolean;
  /** Curvature beside the mean. */
  readonly beside?: number;
}

/** Late descent from (11, 6, 9, 4); how far it ends from the minimum along the mean and beside it. */
function descend({ name, delay, group = 1, tellsPending = true, beside }: Run) {
  const compensator: Compensator = createCompensator(name);
  const matrices = [{ offset: 0, rows: 2, columns: 2 }];
  const state = compensator.init({ parameterCount: 4, matrices });
  const versions = [Float32Array.of(11, 6, 9, 4)];
  const gathered = new Float32Array(4);
  for (let step = 0; step < 400 * group; step++) {
    const gradient = gradientAt(versions[0]!, step, beside);
    const pending = step % group;
    const staleness = group * (versions.length - 1) + pending;
    const told = tellsPending
      ? { staleness, pending, learningRate }
      : { staleness: versions.length - 1, learningRate };
    compensator.update({ gradient, versions, state, ...told });
    gradient.forEach((value, index) => {
      gathered[index]! += value;
    });
    if (pending < group - 1) continue;
    versions.push(versions.at(-1)!.map((theta, i) => theta - learningRate * gathered[i]!));
    gathered.fill(0);
    if (versions.length > delay + 1) versions.shift();
  }
  const [a, b, c, d] = versions.at(-1) as unknown as [number, number, number, number];
  return { along: Math.hypot(a + c, b + d), beside: Math.hypot(a - c, b - d) };
}

describe("rank-one on a quadratic", () => {
  it("comes to rest along the direction where late gradients diverge", () => {
    expect(descend({ name: "none", delay: 8 }).along).toBeGreaterThan(1e3);
    // Delay-adaptive steps are too long for this curvature.
    expect(descend({ name: "delay-adaptive", delay: 8 }).along).toBeGreaterThan(1e3);
    expect(descend({ name: "rank-one", delay: 8 }).along).toBeLessThan(3);
  });

  it("goes on beside it where delay does no harm there, further than delay-adaptive steps", () => {
    const scaled = 1 / (1 + 2 * learningRate * 8);
    const after = (scale: number) => Math.hypot(2, 2) * (1 - learningRate * scale * usually) ** 400;
    const { beside } = descend({ name: "rank-one", delay: 8 });
    expect(beside).toBeLessThan(0.95 * after(scaled));
    expect(beside).toBeGreaterThan(0.95 * after(1));
  });

  it.each([6, 8])("comes to rest beside it too, where late gradients diverge: %d", (beside) => {
    const late = { delay: 8, beside };
    expect(descend({ name: "delay-adaptive", ...late }).beside).toBeGreaterThan(10);
    // Not at rest altogether: what items do along the mean shows beside it.
    expect(descend({ name: "rank-one", ...late }).beside).toBeLessThan(Math.hypot(2, 2) / 2);
  });

  it("counts what waits in a group, which diverges where it is not told", () => {
    const group = { name: "rank-one", delay: 2, group: 4 };
    expect(descend(group).along).toBeLessThan(4);
    // Far, or no number at all.
    expect(descend({ ...group, tellsPending: false }).along).not.toBeLessThan(40);
  });

  it("takes a matrix of one column as delay-adaptive takes it", () => {
    const [ours, theirs] = ["rank-one", "delay-adaptive"].map((name) => {
      const compensator = createCompensator(name);
      const matrices = [{ offset: 0, rows: 3, columns: 1 }];
      const state = compensator.init({ parameterCount: 3, matrices });
      const versions = [Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 2)];
      return [1, 2, 3, 4].map((value) => {
        const gradient = Float32Array.of(value, -value, 1);
        compensator.update({ gradient, versions, state, staleness: 3, learningRate });
        return [...gradient];
      });
    });
    expect(ours).toEqual(theirs);
  });

  it("leaves a fresh gradient alone", () => {
    const compensator = createCompensator("rank-one");
    const matrices = [{ offset: 0, rows: 2, columns: 2 }];
    const state = compensator.init({ parameterCount: 4, matrices });
    const theta = Float32Array.of(1, 2, 3, 4);
    for (let step = 0; step < 5; step++) {
      const gradient = gradientAt(theta, step);
      const before = [...gradient];
      compensator.update({ gradient, versions: [theta], state, staleness: 0, learningRate });
      gradient.forEach((value, index) => {
        expect(value).toBeCloseTo(before[index]!, 5);
      });
    }
  });
});
