const rates = { fast: 0.4, slow: 0.15 };
const leadScale = -0.3;
const repair = { scale: 0.8, damping: 0.6, share: 0.7, leadFactor: 1.5, nextLeadFactor: -0.9 };

export const secantSettings = [rates.fast, rates.slow, leadScale, ...Object.values(repair)];

/** What the kernels of secants are handed for a block of parameters. */
export interface SecantBlock {
  readonly gradient: Float32Array;
  readonly newest: Float32Array;
  readonly origin: Float32Array;
  readonly fastGradient: Float32Array;
  readonly slowGradient: Float32Array;
  readonly fastOrigin: Float32Array;
  readonly slowOrigin: Float32Array;
  readonly lead: Float64Array;
  readonly leadProjection: Float64Array;
  readonly direction: Float64Array;
  readonly projection: Float64Array;
}

export type SecantElement = ReturnType<typeof secantElementAt>;

/** One element by the formulas, in double precision. */
export function secantElementAt(block: SecantBlock, index: number) {
  const columns = block.projection.length;
  const isPlain = block.direction.length === 0;
  const [row, column] = isPlain ? [0, 0] : [Math.floor(index / columns), index % columns];
  const [g, now, then] = [block.gradient[index]!, block.newest[index]!, block.origin[index]!];
  const moved = (average: Float32Array, value: number, rate: number) =>
    (1 - rate) * average[index]! + rate * value;
  const fast = moved(block.fastGradient, g, rates.fast);
  const slow = moved(block.slowGradient, g, rates.slow);
  const fastPlace = moved(block.fastOrigin, then, rates.fast);
  const slowPlace = moved(block.slowOrigin, then, rates.slow);
  const ahead =
    leadScale * block.fastGradient[index]! +
    (isPlain ? 0 : block.lead[row]! * block.leadProjection[column]!);
  const [y, s, d] = [fast - slow, fastPlace - slowPlace, now - ahead - then];
  const change = now - then - repair.share * s;
  const repaired =
    repair.scale * g +
    repair.damping * change +
    repair.share * y +
    repair.leadFactor * ahead -
    repair.nextLeadFactor * fast +
    (isPlain ? 0 : block.direction[row]! * block.projection[column]!);
  return { row, column, g, now, y, s, d, fast, slow, fastPlace, slowPlace, repaired };
}
