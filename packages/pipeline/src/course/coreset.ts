import type { Memory } from "../memory/memory.js";
import { align64 } from "../model/shape.js";

/** Bytes of a selection among so many points, as the ledger counts them. */
export function coresetBytes(points: number): number {
  return align64(4 * points * points) + 4 * align64(4 * points);
}

/** Additions and comparisons of choosing `count` of so many points of so many values. */
export function coresetOperations(points: number, width: number, count: number): number {
  const distances = 3 * width * ((points * (points - 1)) / 2);
  const candidates = count * points - (count * (count - 1)) / 2;
  // A sum over all points for every candidate; then the nearest chosen one of every point, twice.
  return distances + 2 * points * candidates + 2 * points * count;
}

/**
 * A coreset by greedy facility location: points S, so many of them, that all points are near to,
 *
 * ```
 * F(S) = sum over points i of (d_max - min over j in S of |g_i - g_j|),
 * ```
 *
 * which is submodular, so that adding the point that raises F most, again and again, reaches at
 * least 1 - 1/e of the best (Nemhauser, Wolsey and Fisher 1978). A chosen point stands for those
 * that are nearest to it; its weight is their number.
 */
export class Coreset {
  /** The chosen points, in ascending order; of the last `choose`. */
  readonly chosen: Int32Array;
  /** By place in `chosen`: points that it stands for, itself among them. */
  readonly weights: Float32Array;
  readonly #distances: Float32Array;
  /** By point: the distance to the nearest chosen one. */
  readonly #nearest: Float32Array;
  /** By point: 1 where it is chosen. */
  readonly #taken: Int32Array;

  /** @param points the most that are chosen among. */
  constructor(points: number, memory: Memory) {
    this.#distances = memory.floats("algorithm", points * points);
    this.#nearest = memory.floats("algorithm", points);
    this.#taken = memory.ints("algorithm", points);
    this.chosen = memory.ints("algorithm", points);
    this.weights = memory.floats("algorithm", points);
  }

  /**
   * @param features [points, width]
   * @param count at least 1, at most `points`.
   */
  choose(features: Float32Array, points: number, width: number, count: number): void {
    const taken = this.#taken.fill(0, 0, points);
    this.#nearest.fill(this.#measure(features, points, width), 0, points);
    for (let round = 0; round < count; round++) {
      const best = this.#best(points);
      taken[best] = 1;
      for (let point = 0; point < points; point++)
        this.#nearest[point] = Math.min(
          this.#nearest[point] as number,
          this.#distances[best * points + point] as number,
        );
    }
    let place = 0;
    for (let point = 0; point < points; point++) if (taken[point]) this.chosen[place++] = point;
    this.#weigh(points, count);
  }

  /** Fills the distances and gives the largest. */
  #measure(features: Float32Array, points: number, width: number): number {
    let largest = 0;
    for (let one = 0; one < points; one++) {
      this.#distances[one * points + one] = 0;
      for (let other = 0; other < one; other++) {
        let squares = 0;
        for (let index = 0; index < width; index++) {
          const gap =
            (features[one * width + index] as number) - (features[other * width + index] as number);
          squares += gap * gap;
        }
        const distance = Math.sqrt(squares);
        this.#distances[one * points + other] = distance;
        this.#distances[other * points + one] = distance;
        largest = Math.max(largest, distance);
      }
    }
    return largest;
  }

  /** The point, not yet chosen, that leaves the least sum of distances; the first one of equals. */
  #best(points: number): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let candidate = 0; candidate < points; candidate++) {
      if (this.#taken[candidate]) continue;
      const row = candidate * points;
      let sum = 0;
      for (let point = 0; point < points; point++)
        sum += Math.min(this.#nearest[point] as number, this.#distances[row + point] as number);
      if (sum < least) {
        least = sum;
        best = candidate;
      }
    }
    return best;
  }

  #weigh(points: number, count: number): void {
    this.weights.fill(0, 0, count);
    for (let point = 0; point < points; point++) {
      let owner = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let place = 0; place < count; place++) {
        const chosen = this.chosen[place] as number;
        // One that is chosen stands for itself, even where another chosen one is the same.
        const distance =
          chosen === point ? -1 : (this.#distances[chosen * points + point] as number);
        if (distance < least) {
          least = distance;
          owner = place;
        }
      }
      this.weights[owner] = (this.weights[owner] as number) + 1;
    }
  }
}
