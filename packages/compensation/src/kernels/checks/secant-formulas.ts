export const secantSettings = { rate: 0.4, leadScale: -0.3, scale: 0.8, damping: 0.6 };

/** What the lead before a gradient and the next one do to it. */
export type LeadFactors = readonly [leadFactor: number, nextLeadFactor: number];

/** What the kernels of secants are handed for a block of parameters. */
export interface SecantBlock {
  readonly gradient: Float32Array;
  readonly newest: Float32Array;
  readonly origin: Float32Array;
  readonly averageGradient: Float32Array;
  readonly averageOrigin: Float32Array;
  readonly lead: Float64Array;
  readonly leadProjection: Float64Array;
  readonly direction: Float64Array;
  readonly projection: Float64Array;
}

export type SecantElement = ReturnType<typeof secantElementAt>;

/** One element by the formulas, in double precision. */
export function secantElementAt(
  block: SecantBlock,
  index: number,
  damping: number,
  [leadFactor, nextLeadFactor]: LeadFactors,
) {
  const { rate, leadScale, scale } = secantSettings;
  const columns = block.projection.length;
  const isPlain = block.direction.length === 0;
  const [row, column] = isPlain ? [0, 0] : [Math.floor(index / columns), index % columns];
  const [g, now, then] = [block.gradient[index]!, block.newest[index]!, block.origin[index]!];
  const averageGradient = (1 - rate) * block.averageGradient[index]! + rate * g;
  const averageOrigin = (1 - rate) * block.averageOrigin[index]! + rate * then;
  const ahead =
    leadScale * block.averageGradient[index]! +
    (isPlain ? 0 : block.lead[row]! * block.leadProjection[column]!);
  const [y, s, d] = [g - averageGradient, then - averageOrigin, now - ahead - then];
  const along = isPlain ? 0 : block.direction[row]! * block.projection[column]!;
  const led = leadFactor * ahead - nextLeadFactor * averageGradient;
  const repaired = scale * g + damping * (now - then) + led + along;
  return { row, column, g, now, y, s, d, averageGradient, averageOrigin, repaired };
}
