import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../src/errors.js";
import { RunningScaler, type ScalerState } from "../src/running-scaler.js";

fc.configureGlobal({ seed: 19_620_801 });

const columns = 3;
const value = fc.oneof(
  fc.float({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(0, 1),
) as fc.Arbitrary<number>;
const rows = fc.array(fc.array(value, { minLength: columns, maxLength: columns }), {
  minLength: 1,
  maxLength: 30,
});

/** The last row standardised by all of them, in two passes and plain arithmetic. */
function plain(seen: readonly (readonly number[])[]): number[] {
  return Array.from({ length: columns }, (_, column) => {
    const values = seen.map((row) => row[column] as number);
    const last = values.at(-1) as number;
    if (values.every((each) => each === 0 || each === 1)) return last;
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length;
    if (variance === 0) return 0;
    return Math.min(10, Math.max(-10, (last - mean) / Math.sqrt(variance)));
  });
}

describe("a running scaler", () => {
  it("makes of each row what two passes over the rows so far make of it, however they come", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 10 });
    fc.assert(
      fc.property(rows, cuts, (table, sizes) => {
        const x = Float32Array.from(table.flat());
        const scaler = new RunningScaler(columns);
        let done = 0;
        for (const size of [...sizes, table.length]) {
          const count = Math.min(size, table.length - done);
          scaler.observeAndApply(x, done * columns, count);
          done += count;
        }
        expect(scaler.count).toBe(table.length);
        const seen = table.map((row) => row.map(Math.fround));
        seen.forEach((_, row) => {
          plain(seen.slice(0, row + 1)).forEach((wanted, column) => {
            const found = x[row * columns + column] as number;
            expect(Math.abs(found - wanted)).toBeLessThan(1e-4);
          });
        });
      }),
    );
  });

  it("makes of a row nothing that depends on those behind it", () => {
    fc.assert(
      fc.property(rows, rows, (before, behind) => {
        const alone = Float32Array.from(before.flat());
        new RunningScaler(columns).observeAndApply(alone);
        const all = Float32Array.from([...before, ...behind].flat());
        new RunningScaler(columns).observeAndApply(all);
        expect(all.subarray(0, alone.length)).toEqual(alone);
      }),
    );
  });

  it("goes on from a saved state to the bit, through JSON too", () => {
    fc.assert(
      fc.property(rows, rows, (before, behind) => {
        const scaler = new RunningScaler(columns);
        scaler.observe(Float32Array.from(before.flat()));
        const state = JSON.parse(JSON.stringify(scaler.save())) as ScalerState;
        const again = RunningScaler.restore(state);
        const [here, there] = [behind, behind].map((table) => Float32Array.from(table.flat()));
        scaler.observeAndApply(here as Float32Array);
        again.observeAndApply(there as Float32Array);
        expect(there).toEqual(here);
        expect(again.save()).toEqual(scaler.save());
      }),
    );
  });

  it("leaves the values of a far mean exact: 1e6, 1e6 + 1, 1e6 + 2", () => {
    const scaler = new RunningScaler(1);
    const x = Float32Array.of(1e6, 1e6 + 1, 1e6 + 2);
    scaler.observe(x);
    scaler.apply(x);
    const root = Math.sqrt(1.5);
    expect([...x]).toEqual([-root, 0, root].map(Math.fround));
  });

  it("clips, and refuses what is not finite or no whole row before it takes anything in", () => {
    const scaler = new RunningScaler(2, { clip: 1 });
    scaler.observe(Float32Array.of(-1, 5, 3, 5));
    const x = Float32Array.of(100, 7);
    scaler.apply(x);
    expect([...x]).toEqual([1, 0]);
    const state = scaler.save();
    for (const [wrong, message] of [
      [Float32Array.of(1, 2, Number.NaN, 4), /received NaN in row 1, column 0/],
      [Float32Array.of(1, Number.POSITIVE_INFINITY), /received Infinity in row 0, column 1/],
      [Float32Array.of(1, 2, 3), /Expected whole rows of 2 values for x/],
    ] as const) {
      expect(() => scaler.observeAndApply(wrong)).toThrow(message);
      expect(() => scaler.observe(wrong)).toThrow(InputError);
    }
    expect(scaler.save()).toEqual(state);
  });

  it.each([
    null,
    {},
    { count: 1, mean: [0], squares: [-1], flags: [true] },
    { count: 1, mean: [0, 1], squares: [1], flags: [true, false] },
    { count: 0.5, mean: [0], squares: [1], flags: [true] },
    { count: 1, mean: [Number.NaN], squares: [1], flags: [true] },
    { count: 1, mean: [], squares: [], flags: [] },
  ])("refuses the state %j", (state) => {
    expect(() => RunningScaler.restore(state as unknown as ScalerState)).toThrow(InputError);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %d columns", (count) => {
    expect(() => new RunningScaler(count)).toThrow(InputError);
  });
});
