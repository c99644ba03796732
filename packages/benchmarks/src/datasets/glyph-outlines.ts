/** One pull of the pen: a polyline x0, y0, x1, y1, ... */
export type Stroke = Float64Array;
/** One way to write a digit. */
export type GlyphStyle = readonly Stroke[];

/** Pieces of each span of a curve. */
const piecesPerSpan = 5;

/** A polyline through the given points. */
function line(...points: readonly (readonly [number, number])[]): Stroke {
  return Float64Array.from(points.flat());
}

/** A smooth curve through the given points (uniform Catmull-Rom spline, ends doubled). */
function curve(...points: readonly (readonly [number, number])[]): Stroke {
  const at = (index: number) => points[Math.min(Math.max(index, 0), points.length - 1)]!;
  const path: number[] = [];
  for (let span = 0; span + 1 < points.length; span++) {
    const [before, start, end, after] = [at(span - 1), at(span), at(span + 1), at(span + 2)];
    for (let piece = 0; piece < piecesPerSpan; piece++) {
      const t = piece / piecesPerSpan;
      path.push(spline(before[0], start[0], end[0], after[0], t));
      path.push(spline(before[1], start[1], end[1], after[1], t));
    }
  }
  path.push(...at(points.length - 1));
  return Float64Array.from(path);
}

function spline(before: number, start: number, end: number, after: number, t: number): number {
  const slope = (end - before) / 2;
  const lastSlope = (after - start) / 2;
  const rise = start - end;
  const cubic = 2 * rise + slope + lastSlope;
  const square = -3 * rise - 2 * slope - lastSlope;
  return ((cubic * t + square) * t + slope) * t + start;
}

/** An arc of an ellipse; degrees, clockwise from the right (y points down). */
function arc(x: number, y: number, width: number, height: number, from: number, to: number) {
  const pieces = Math.ceil(Math.abs(to - from) / 18);
  const path = new Float64Array(2 * (pieces + 1));
  for (let piece = 0; piece <= pieces; piece++) {
    const angle = ((from + ((to - from) * piece) / pieces) * Math.PI) / 180;
    path[2 * piece] = x + (width / 2) * Math.cos(angle);
    path[2 * piece + 1] = y + (height / 2) * Math.sin(angle);
  }
  return path;
}

/**
 * How each of the ten digits is written: some styles a digit, as strokes about 0.65 wide and 1 high
 * around the origin, x to the right and y downwards. Drawn for this project; no data behind them.
 */
export const digitStyles: readonly (readonly GlyphStyle[])[] = [
  [
    [arc(0, 0, 0.62, 0.96, -90, 270)],
    [arc(0, 0, 0.5, 0.98, -70, 285)],
    [
      curve(
        [0.14, -0.44],
        [-0.1, -0.43],
        [-0.27, -0.14],
        [-0.26, 0.22],
        [-0.06, 0.46],
        [0.17, 0.32],
        [0.27, 0],
        [0.18, -0.36],
        [-0.06, -0.48],
      ),
    ],
  ],
  [
    [line([0, -0.49], [0, 0.49])],
    [line([-0.2, -0.3], [0.03, -0.49], [0.03, 0.49])],
    [line([-0.18, -0.32], [0.02, -0.48], [0.02, 0.47]), line([-0.2, 0.47], [0.24, 0.47])],
  ],
  [
    [
      curve([-0.28, -0.24], [-0.08, -0.47], [0.22, -0.4], [0.2, -0.1], [-0.3, 0.46]),
      line([-0.3, 0.46], [0.32, 0.45]),
    ],
    [
      curve(
        [-0.26, -0.3],
        [0, -0.48],
        [0.25, -0.28],
        [0.08, 0.1],
        [-0.24, 0.42],
        [-0.28, 0.26],
        [-0.06, 0.32],
        [0.32, 0.46],
      ),
    ],
    [
      curve(
        [-0.25, -0.34],
        [0.05, -0.46],
        [0.24, -0.26],
        [-0.02, 0.12],
        [-0.28, 0.4],
        [0.02, 0.42],
        [0.3, 0.36],
      ),
    ],
  ],
  [
    [
      curve([-0.26, -0.38], [0, -0.48], [0.22, -0.3], [0.08, -0.08], [-0.08, -0.04]),
      curve([-0.08, -0.04], [0.16, 0], [0.27, 0.2], [0.06, 0.46], [-0.28, 0.38]),
    ],
    [
      line([-0.26, -0.45], [0.24, -0.45], [-0.04, -0.1]),
      curve([-0.04, -0.1], [0.2, -0.02], [0.24, 0.26], [0.02, 0.47], [-0.26, 0.38]),
    ],
    [
      curve(
        [-0.24, -0.36],
        [0.02, -0.48],
        [0.2, -0.28],
        [-0.02, -0.06],
        [0.22, 0.14],
        [0.1, 0.44],
        [-0.26, 0.42],
      ),
    ],
  ],
  [
    [line([-0.2, -0.44], [-0.3, 0.08], [0.32, 0.06]), line([0.12, -0.24], [0.1, 0.49])],
    [line([0.12, 0.49], [0.12, -0.48], [-0.32, 0.16], [0.32, 0.16])],
    [
      curve([-0.22, -0.46], [-0.28, -0.1], [-0.1, 0.06], [0.18, -0.02]),
      line([0.22, -0.46], [0.16, 0.49]),
    ],
  ],
  [
    [
      curve([-0.2, -0.45], [-0.22, -0.06], [0.08, -0.1], [0.27, 0.14], [0.1, 0.44], [-0.26, 0.4]),
      line([-0.2, -0.45], [0.28, -0.46]),
    ],
    [
      line([0.26, -0.47], [-0.2, -0.44], [-0.25, -0.04]),
      curve([-0.25, -0.04], [0.02, -0.12], [0.26, 0.1], [0.14, 0.42], [-0.22, 0.44]),
    ],
    [
      curve(
        [0.26, -0.42],
        [-0.06, -0.46],
        [-0.24, -0.24],
        [0.02, -0.04],
        [0.22, 0.2],
        [0.02, 0.46],
        [-0.26, 0.36],
      ),
    ],
  ],
  [
    [
      curve(
        [0.2, -0.46],
        [-0.12, -0.24],
        [-0.28, 0.14],
        [-0.06, 0.46],
        [0.25, 0.28],
        [0.08, 0.04],
        [-0.24, 0.2],
      ),
    ],
    [line([0.06, -0.49], [-0.24, 0.12]), arc(0, 0.24, 0.52, 0.46, -190, 170)],
    [
      curve(
        [-0.1, -0.48],
        [-0.22, 0],
        [-0.16, 0.4],
        [0.12, 0.44],
        [0.22, 0.2],
        [0.02, 0.1],
        [-0.2, 0.26],
      ),
    ],
  ],
  [
    [line([-0.3, -0.42], [0.3, -0.44], [-0.08, 0.48])],
    [line([-0.28, -0.44], [0.28, -0.44], [0, 0.48]), line([-0.12, 0.02], [0.26, 0])],
    [
      curve([-0.3, -0.28], [-0.26, -0.44], [0, -0.4], [0.28, -0.46]),
      curve([0.28, -0.46], [0.08, -0.04], [0, 0.48]),
    ],
  ],
  [
    [
      curve(
        [0.2, -0.36],
        [-0.04, -0.48],
        [-0.22, -0.28],
        [0, -0.02],
        [0.24, 0.24],
        [0, 0.48],
        [-0.24, 0.26],
        [0, 0],
        [0.22, -0.26],
        [0.14, -0.42],
      ),
    ],
    [arc(0, -0.24, 0.42, 0.44, 90, 450), arc(0, 0.23, 0.54, 0.5, -90, 270)],
    [
      curve(
        [0.24, -0.44],
        [-0.14, -0.42],
        [-0.16, -0.16],
        [0.16, 0.12],
        [0.12, 0.44],
        [-0.16, 0.42],
        [-0.14, 0.12],
        [0.24, -0.34],
      ),
    ],
  ],
  [
    [arc(0, -0.22, 0.5, 0.48, -10, 350), line([0.25, -0.26], [0.2, 0.49])],
    [
      curve(
        [0.22, -0.32],
        [-0.04, -0.48],
        [-0.26, -0.24],
        [-0.04, -0.02],
        [0.22, -0.2],
        [0.24, -0.4],
      ),
      curve([0.24, -0.36], [0.22, 0.16], [0.06, 0.46], [-0.22, 0.42]),
    ],
    [
      curve(
        [0.2, -0.38],
        [-0.16, -0.4],
        [-0.2, -0.1],
        [0.08, -0.1],
        [0.22, -0.4],
        [0.12, 0.08],
        [-0.06, 0.49],
      ),
    ],
  ],
];
