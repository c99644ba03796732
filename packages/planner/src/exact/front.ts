/** A partial choice: its value, its bytes, the stages that it covers (bits), and how to rebuild it. */
export interface Point<T> {
  readonly gain: number;
  readonly bytes: number;
  readonly mask: number;
  readonly made: T;
}

/**
 * The points that no other one beats, from few bytes to many: another beats one with no more
 * bytes, at least 1 / (1 + tolerance) times its gain, and the same stages covered or more.
 */
export function paretoFront<T>(points: Point<T>[], tolerance: number): Point<T>[] {
  points.sort((a, b) => a.bytes - b.bytes || b.gain - a.gain || b.mask - a.mask);
  const masks: number[] = [];
  const gains: number[] = [];
  const front: Point<T>[] = [];
  for (const point of points) {
    const { gain, mask } = point;
    let isBeaten = false;
    let own = -1;
    for (let place = 0; place < masks.length; place += 1) {
      const other = masks[place] as number;
      if (other === mask) own = place;
      if ((other & mask) === mask && (gains[place] as number) * (1 + tolerance) >= gain) {
        isBeaten = true;
        break;
      }
    }
    if (isBeaten) continue;
    if (own < 0) {
      masks.push(mask);
      gains.push(gain);
    } else gains[own] = gain;
    front.push(point);
  }
  return front;
}
