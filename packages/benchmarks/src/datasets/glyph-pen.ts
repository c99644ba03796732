/** Edge of a glyph image in pixels. */
export const glyphSize = 28;

/** Far from every stroke. */
const far = 1e3;

/**
 * Draws strokes on a small image, anti-aliased by the distance from each pixel's centre to the pen's
 * edge. One pen is used for many images; drawing makes no arrays.
 */
export class GlyphPen {
  /** For each pixel the least distance to the edge of a stroke, in pixels; negative inside. */
  readonly #distance = new Float32Array(glyphSize * glyphSize);

  /** Takes a new sheet. */
  clear(): void {
    this.#distance.fill(far);
  }

  /**
   * A polyline of `points` points, each as x, y (pixels) and the pen's radius there. A piece has the
   * radius of its end.
   */
  stroke(path: Float64Array, points: number): void {
    for (let end = 3; end < 3 * points; end += 3) this.#piece(path, end - 3, end);
  }

  /** The straight piece between two points of a path. Numbers in arrays are not boxed. */
  #piece(path: Float64Array, start: number, end: number): void {
    const x0 = path[start]!;
    const y0 = path[start + 1]!;
    const x1 = path[end]!;
    const y1 = path[end + 1]!;
    const radius = path[end + 2]!;
    // Beyond this distance a pixel gets no ink, whatever the softness (at most 2 pixels).
    const reach = radius + 1;
    const left = Math.max(Math.ceil(Math.min(x0, x1) - reach), 0);
    const right = Math.min(Math.floor(Math.max(x0, x1) + reach), glyphSize - 1);
    const top = Math.max(Math.ceil(Math.min(y0, y1) - reach), 0);
    const bottom = Math.min(Math.floor(Math.max(y0, y1) + reach), glyphSize - 1);
    const dx = x1 - x0;
    const dy = y1 - y0;
    const perSquare = 1 / Math.max(dx * dx + dy * dy, 1e-12);
    const distance = this.#distance;
    for (let y = top; y <= bottom; y++) {
      const fromY = y - y0;
      for (let x = left; x <= right; x++) {
        const fromX = x - x0;
        const along = Math.min(Math.max((fromX * dx + fromY * dy) * perSquare, 0), 1);
        const awayX = fromX - along * dx;
        const awayY = fromY - along * dy;
        const edge = Math.sqrt(awayX * awayX + awayY * awayY) - radius;
        const pixel = y * glyphSize + x;
        if (edge < distance[pixel]!) distance[pixel] = edge;
      }
    }
  }

  /** Share of pixel `pixel` that is inked, 0 .. 1; an edge is `softness` (at most 2) pixels wide. */
  ink(pixel: number, softness: number): number {
    return Math.min(Math.max(0.5 - this.#distance[pixel]! / softness, 0), 1);
  }
}
