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

  it("takes rows back to their scale, but for what it clipped and columns that were constant", () => {
    fc.assert(
      fc.property(rows, (table) => {
        const seen = Float32Array.from(table.flat());
        const scaler = new RunningScaler(columns);
        scaler.observe(seen);
        const again = seen.slice();
        scaler.apply(again);
        scaler.revert(again);
        const { mean, squares } = scaler.save();
        again.forEach((found, at) => {
          const reach = 10 * Math.sqrt(squares[at % columns]! / table.length);
          const wanted = seen[at]!;
          // One of 30 rows is never 10 standard deviations away.
          expect(Math.abs(found - wanted)).toBeLessThan(1e-5 * (1 + Math.abs(wanted) + reach));
          if (reach === 0) expect(found).toBeCloseTo(mean[at % columns]!, 3);
        });
      }),
    );
    const scaler = new RunningScaler(1);
    scaler.observe(Float32Array.of(-3, 5));
    const far = Float32Array.of(1e6, 9);
    scaler.apply(far);
    scaler.revert(far);
    expect([...far]).toEqual([1 + 4 * 10, 9]);
    expect(() => scaler.revert(Float32Array.of(Number.NaN))).toThrow(InputError);
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

describe("a value far out", () => {
  const noise = (count: number) =>
    fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: count, maxLength: count });

  it("moves mean and deviation no more than one ten deviations away, from row 31 on", () => {
    fc.assert(
      fc.property(noise(60), fc.constantFrom(1e6, -1e38, 3e38), (values, far) => {
        fc.pre(values.slice(0, 30).some((each) => each !== values[0] && each !== 0));
        const scaler = new RunningScaler(1);
        scaler.observe(Float32Array.from(values));
        const before = scaler.save();
        const known = scaler.farValues;
        fc.pre((before.squares[0] as number) > 0 && !before.flags[0]);
        scaler.observe(Float32Array.of(far));
        const reach = 10 * Math.sqrt((before.squares[0] as number) / 60);
        const entered = (before.mean[0] as number) + Math.sign(far) * reach;
        expect(scaler.farValues).toBe(known + 1);
        const mean = before.mean[0] as number;
        expect(scaler.save().mean[0]).toBeCloseTo(mean + (entered - mean) / 61, 9);
        const x = Float32Array.of(far);
        scaler.apply(x);
        expect(x[0]).toBe(Math.sign(far) * 10);
      }),
    );
  });

  it("leaves the bits of Welford's recurrence where there is none", () => {
    fc.assert(
      fc.property(noise(200), (values) => {
        const x = Float32Array.from(values, (each, row) => each + (row % 2));
        const scaler = new RunningScaler(1);
        scaler.observe(x);
        fc.pre(scaler.farValues === 0);
        let [mean, squares] = [0, 0];
        x.forEach((value, row) => {
          const before = value - mean;
          mean += before / (row + 1);
          squares += before * (value - mean);
        });
        expect(scaler.save()).toMatchObject({ mean: [mean], squares: [squares] });
      }),
    );
  });

  it("is followed where the scale has changed for good", () => {
    const scaler = new RunningScaler(1);
    const wave = (row: number) => Math.sin(row) + 0.1;
    scaler.observe(Float32Array.from({ length: 500 }, (_, row) => wave(row)));
    scaler.observe(Float32Array.from({ length: 4_000 }, (_, row) => 1e6 * wave(row)));
    const { count, squares } = scaler.save();
    expect(Math.sqrt((squares[0] as number) / count)).toBeGreaterThan(3e5);
  });

  it("enters whole among the first thirty, and goes on from a saved state to the bit", () => {
    const early = new RunningScaler(1);
    early.observe(Float32Array.from({ length: 30 }, (_, row) => (row === 20 ? 1e6 : row)));
    expect(early.farValues).toBe(0);
    expect(early.save().mean[0]).toBeGreaterThan(3e4);

    const scaler = new RunningScaler(1);
    scaler.observe(Float32Array.from({ length: 40 }, (_, row) => row));
    const again = RunningScaler.restore(JSON.parse(JSON.stringify(scaler.save())));
    for (const each of [scaler, again]) each.observe(Float32Array.of(1e38, 5, -1e38, 7));
    expect(again.save()).toEqual(scaler.save());
    expect(scaler.farValues).toBe(2);
  });
});
