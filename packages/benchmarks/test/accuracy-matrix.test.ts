import { describe, expect, it } from "vitest";
import {
  backwardTransfer,
  finalAccuracy,
  forgetting,
  forwardTransfer,
} from "../src/metrics/accuracy-matrix.js";

// Worked out by hand.
const matrix = [
  [10, 20, 30],
  [90, 25, 30],
  [60, 80, 50],
  [70, 50, 95],
];

describe("the accuracy matrix", () => {
  it("has the mean accuracy at the end", () => {
    expect(finalAccuracy(matrix)).toBeCloseTo((70 + 50 + 95) / 3, 12);
  });

  it("has what was lost of the best before", () => {
    expect(forgetting(matrix)).toBeCloseTo((90 - 70 + (80 - 50)) / 2, 12);
    expect(forgetting([[10], [70]])).toBe(0);
  });

  it("has what later tasks did to earlier ones", () => {
    expect(backwardTransfer(matrix)).toBeCloseTo((70 - 90 + (50 - 80)) / 2, 12);
  });

  it("has what earlier tasks did for later ones, against the untrained model", () => {
    expect(forwardTransfer(matrix)).toBeCloseTo((25 - 20 + (50 - 30)) / 2, 12);
  });

  it("counts a task that got better as negative forgetting, and as transfer", () => {
    const better = [
      [0, 0],
      [50, 0],
      [60, 80],
    ];
    expect(forgetting(better)).toBe(-10);
    expect(backwardTransfer(better)).toBe(10);
  });
});
