import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createIterFisher,
  type IterFisherOptions,
  iterFisher as method,
} from "../src/algorithms/iter-fisher.js";
import {
  compensatorNames,
  createCompensator,
  InputError,
  type ParameterSpace,
  referenceKernels,
} from "../src/index.js";
import { settingsOf } from "../src/method.js";
import { compensatorChecks } from "../src/testing.js";

const floats = (...values: number[]) => Float32Array.from(values);
const iterFisher = (kernels = referenceKernels, options: IterFisherOptions = {}) =>
  createIterFisher(kernels, settingsOf(method, options));
const context = (staleness: number) => ({ staleness, learningRate: 0.1 });

describe.each(compensatorNames)("%s", (name) => {
  it.each(compensatorChecks)("$claim", ({ run }) => run(createCompensator(name)));
});

describe("iter-fisher", () => {
  it("takes one Taylor step for each intervening version (Eq. 8-9)", () => {
    const compensator = iterFisher(referenceKernels, { lambda: 0.5, lambdaRate: 0 });
    const gradient = floats(2);
    compensator.update({
      gradient,
      versions: [floats(0), floats(0.1), floats(0.3)],
      state: compensator.init({ parameterCount: 1 }),
      ...context(2),
    });
    const first = 2 + 0.5 * 2 * 2 * 0.1;
    expect(gradient[0]).toBeCloseTo(first + 0.5 * first * first * 0.2, 6);
  });

  it("keeps a step from turning the sign or more than doubling", () => {
    const compensator = iterFisher(referenceKernels, { lambda: 1, lambdaRate: 0 });
    const gradient = floats(3, 3);
    compensator.update({
      gradient,
      versions: [floats(0, 0), floats(-5, 5)],
      state: compensator.init({ parameterCount: 2 }),
      ...context(1),
    });
    expect([...gradient]).toEqual([0, 6]);
  });

  it("follows the gradient of a quadratic better than leaving it stale", () => {
    // Loss h/2 theta^2 with gradient h theta: at theta = 1 the empirical Fisher matrix is h^2, so
    // lambda = 1/h makes lambda g g the exact curvature there.
    const h = 4;
    const versions = [1, 0.95, 0.9, 0.85].map((theta) => floats(theta));
    const compensator = iterFisher(referenceKernels, { lambda: 1 / h, lambdaRate: 0 });
    const gradient = floats(h);
    compensator.update({
      gradient,
      versions,
      state: compensator.init({ parameterCount: 1 }),
      ...context(3),
    });
    const exact = h * 0.85;
    expect(Math.abs(gradient[0]! - exact)).toBeLessThan(0.2 * Math.abs(h - exact));
  });

  it("moves lambda to the minimum of its objective on a stationary problem", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.double({ min: 1e-3, max: 10, noNaN: true }),
        (lambda, scale) => {
          // Kernels that always report the same F and d: what is tested is the descent itself.
          const kernels = {
            ...referenceKernels,
            iterativeFisherStatistics: (
              ...call: Parameters<typeof referenceKernels.iterativeFisherStatistics>
            ) => {
              call[6][0] = 0.7 * scale;
              call[6][1] = scale;
            },
          };
          const compensator = iterFisher(kernels, { lambda, lambdaRate: 0.1 });
          const state = compensator.init({ parameterCount: 1 });
          for (let step = 0; step < 200; step++)
            compensator.update({
              gradient: floats(0),
              versions: [floats(0), floats(0)],
              state,
              ...context(1),
            });
          expect(state.lambda).toBeCloseTo((0.7 * scale) / (scale + 1e-4), 6);
        },
      ),
    );
  });

  it("descends along the finite difference of its objective", () => {
    const gradient = floats(0.5, -1.5, 2);
    const [previous, newest] = [floats(0.1, 0.2, 0.3), floats(0.4, -0.2, 0.6)];
    const options = { lambda: 0.4, emaDecay: 0.6, lambdaRate: 0.01, lambdaPenalty: 0.05 };
    const compensator = iterFisher(referenceKernels, options);
    const state = compensator.init({ parameterCount: 3 });
    // By hand: the averages start at 0.
    const d = [...gradient].map((g) => 0.4 * g);
    const f = [...gradient].map((g, i) => 0.4 * g * g * (newest[i]! - previous[i]!));
    const norm = f.reduce((sum, each) => sum + each * each, 0) + 0.05;
    const objective = (lambda: number) =>
      (d.reduce((sum, each, i) => sum + (each - lambda * f[i]!) ** 2, 0) + 0.05 * lambda ** 2) /
      norm;
    const slope = (objective(0.4 + 1e-4) - objective(0.4 - 1e-4)) / 2e-4;
    compensator.update({ gradient, versions: [previous, newest], state, ...context(1) });
    expect(state.lambda).toBeCloseTo(0.4 - 0.01 * slope, 5);
  });

  it("passes a gradient that is not finite on as it came and starts its averages anew", () => {
    const compensator = iterFisher(referenceKernels);
    const state = compensator.init({ parameterCount: 2 });
    const versions = [floats(0, 0), floats(1, 1)];
    compensator.update({ gradient: floats(1, 2), versions, state, ...context(1) });
    const broken = floats(Number.NaN, 2);
    compensator.update({ gradient: broken, versions, state, ...context(1) });
    expect([...broken]).toEqual([Number.NaN, 2]);
    expect(state.faults).toBe(1);
    expect([...state.fisherAverage]).toEqual([0, 0]);
    expect(Number.isFinite(state.lambda)).toBe(true);
  });

  it("keeps no vectors where lambda is fixed", () => {
    expect(iterFisher(referenceKernels, { lambdaRate: 0 }).stateVectors).toBe(0);
    expect(iterFisher(referenceKernels).stateVectors).toBe(2);
  });
});

describe("createCompensator", () => {
  it("names what it knows", () => {
    expect(() => createCompensator("iter-fischer")).toThrow(
      `Expected one of ${compensatorNames.join(", ")} for compensation but received "iter-fischer"`,
    );
    expect(() => createCompensator("toString")).toThrow(InputError);
  });

  it.each(compensatorNames)("%s refuses an option that it does not take", (name) => {
    const create = () => createCompensator(name, { lamda: 1 } as object);
    expect(create).toThrow(InputError);
    expect(create).toThrow(/^Expected .+ for the options of [a-z-]+ but received "lamda"; .+$/);
  });

  it("refuses a misspelt field of init, and arrays of another type, by name", () => {
    const secant = createCompensator("secant");
    expect(() => secant.init({ parameterCount: 4, matrix: [] } as never)).toThrow(
      /for a field of parameters but received "matrix"; /,
    );
    const state = secant.init({ parameterCount: 4 });
    const late = { state, staleness: 1, learningRate: 0.1 };
    const vector = new Float32Array(4);
    const wide = new Float64Array(4) as never;
    expect(() => secant.update({ ...late, gradient: wide, versions: [vector] })).toThrow(
      /^Expected a Float32Array for gradient but received a Float64Array; /,
    );
    expect(() => secant.update({ ...late, gradient: vector, versions: [vector, wide] })).toThrow(
      /^Expected a Float32Array for versions\[1\] but received a Float64Array; /,
    );
  });

  it("refuses matrices that are none, whatever the method does with them", () => {
    const fields = "give each matrix's offset, rows and columns, or leave them out";
    const refused: [unknown, string][] = [
      [{ offset: 0 }, "Expected an array for matrices but received an object of another kind"],
      [null, "Expected an array for matrices but received null of type null"],
      [[null], "Expected an object for matrices[0] but received null of type null"],
      [
        [{ offset: 0.5, rows: 2, columns: 5 }],
        "Expected a whole number of at least 0 for matrices[0].offset but received 0.5 of type number",
      ],
    ];
    for (const name of ["secant", "rank-one", "none"])
      for (const [matrices, complaint] of refused)
        expect(() =>
          createCompensator(name).init({ parameterCount: 60, matrices: matrices as [] }),
        ).toThrow(new InputError(`${complaint}; ${fields}`));
  });

  it("takes a shape for a matrix that its last dimension is the columns of", () => {
    const [versions, gradient] = [
      [floats(1, 2, 3, 4, 5, 6), floats(2, 1, 4, 3, 6, 5)],
      [1, 2, 3, 4, 5, 6],
    ];
    const repaired = (parameters: ParameterSpace | { shape: number[] }) => {
      const compensator = createCompensator("secant");
      const state = compensator.init(parameters);
      return [1, 2, 3].map((scale) => {
        const late = floats(...gradient.map((value) => scale * value));
        return [...compensator.update({ gradient: late, versions, state, ...context(4) })];
      });
    };
    const matrices = [{ offset: 0, rows: 3, columns: 2 }];
    const matrix = repaired({ parameterCount: 6, matrices });
    expect(repaired({ shape: [3, 2] })).toEqual(matrix);
    expect(repaired({ shape: [3, 1, 2] })).toEqual(matrix);
    expect(repaired({ shape: [6] })).toEqual(repaired({ parameterCount: 6 }));
    expect(repaired({ shape: [6] })).not.toEqual(matrix);
  });

  it.each([
    [{ shape: 3 }, "Expected an array for shape but received 3 of type number;"],
    [{ shape: [2, -1] }, "Expected a whole number of at least 0 for shape[1] but received -1 of"],
    [{ shape: [2], parameterCount: 2 }, "Expected shape alone for parameters but received"],
    [6, "Expected an object for parameters but received 6 of type number;"],
  ])("refuses parameters that are none: %j", (parameters, complaint) => {
    const init = () => createCompensator("none").init(parameters as { shape: number[] });
    expect(init).toThrow(InputError);
    expect(init).toThrow(complaint);
  });

  it("has types for its options", () => {
    // @ts-expect-error: a number.
    expect(() => createCompensator("fisher", { lambda: "0.2" })).toThrow("of type string");
    // @ts-expect-error: no method has it.
    expect(() => createCompensator("fisher", { lamda: 0.2 })).toThrow("lamda");
  });

  it("lists the options that a method takes", () => {
    expect(() => createCompensator("block-fisher", { emaDecay: 0.5 })).toThrow(
      'Expected only lambda, trustRadius for the options of block-fisher but received "emaDecay"',
    );
    expect(() => createCompensator("rank-one", { lambda: 1 })).toThrow(
      "Expected none for the options",
    );
    const all = ["lambda", "emaDecay", "lambdaRate", "lambdaPenalty"];
    for (const option of [...all, "driftTolerance", "driftThreshold"])
      expect(createCompensator("drift-aware", { [option]: 0.5 }).name).toBe("drift-aware");
  });

  it.each(compensatorNames)("%s refuses the state of another method", (name) => {
    const other = name === "fisher" ? "secant" : "fisher";
    const state = createCompensator(other).init({ parameterCount: 2 });
    const compensator = createCompensator(name);
    const message = `Expected a state of ${name} for state but received that of ${other};`;
    const update = () =>
      compensator.update({
        gradient: floats(1, 2),
        versions: [floats(0, 0)],
        state,
        ...context(0),
      });
    expect(update).toThrow(InputError);
    expect(update).toThrow(message);
    if (compensator.faults) expect(() => compensator.faults?.(state)).toThrow(message);
  });
});
