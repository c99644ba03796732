/** A range of an axis that begins and ends with a tick. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly interval: number;
}

const steps = [1, 2, 5, 10];
const fewestTicks = 5;

/**
 * A range around values with four to ten steps of 1, 2 or 5 times a power of ten, with room for marks at both ends.
 * @param values at least one.
 */
export function rangeAround(
  values: readonly number[],
  { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = {},
): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (high - low) || 1;
  const [from, to] = [Math.max(least, low - room), Math.min(most, high + room)];
  const rough = (to - from) / fewestTicks || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = power * (steps.find((step) => step * power >= rough) as number);
  return {
    min: Math.max(least, Math.floor(from / interval) * interval),
    max: Math.min(most, Math.ceil(to / interval) * interval),
    interval,
  };
}

/** Leading digits of ticks, from coarse to fine. */
const tickDigits = [
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
];

/** Ticks of a logarithmic axis: 1, 2 and 5 times powers of ten, or finer ones where these are fewer than three. */
export function logTicks(min: number, max: number): number[] {
  const within = (digits: readonly number[]) => {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(min)); 10 ** power <= max; power++)
      for (const digit of digits) {
        const tick = Number((digit * 10 ** power).toPrecision(3));
        if (tick >= min && tick <= max) ticks.push(tick);
      }
    return ticks;
  };
  const all = tickDigits.map(within);
  return all.find(({ length }) => length >= 3) ?? (all.at(-1) as number[]);
}
