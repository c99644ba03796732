import type { StateParts } from "@ferret-ocl/pipeline/engine";

/** Points of a curve, at most. */
const curvePoints = 200;

export interface PrequentialOptions {
  /** Items that the stream will bring. */
  readonly items: number;
  /** Samples of an item. */
  readonly batch: number;
  /** Items that the windowed accuracy looks back over; default: a twentieth of the stream. */
  readonly window?: number;
}

/** Accuracies in percentage points after `items[i]` items, `items` rising to the last one seen. */
export interface AccuracyCurve {
  /** Items that `windowed` looks back over. */
  readonly window: number;
  readonly items: readonly number[];
  readonly oacc: readonly number[];
  readonly windowed: readonly number[];
}

/**
 * Test-then-train accuracy over a stream (A. P. Dawid's prequential evaluation): every item is
 * predicted before it may be learned, and every prediction counts, also that of a dropped item.
 * All memory is taken at construction; `add` allocates nothing.
 */
export class PrequentialAccuracy {
  readonly #batch: number;
  readonly #planned: number;
  readonly #window: number;
  // The last `window` items, a ring: samples predicted right, and samples.
  readonly #recentCorrect: Int32Array;
  readonly #recentSizes: Int32Array;
  readonly #points: number;
  readonly #pointItems: Float64Array;
  readonly #pointOacc: Float64Array;
  readonly #pointWindowed: Float64Array;
  #written = 0;
  #items = 0;
  #correct = 0;
  #samples = 0;
  #windowCorrect = 0;
  #windowSamples = 0;

  constructor({ items, batch, window = Math.max(1, Math.ceil(items / 20)) }: PrequentialOptions) {
    this.#batch = batch;
    this.#planned = items;
    this.#window = window;
    this.#recentCorrect = new Int32Array(window);
    this.#recentSizes = new Int32Array(window);
    this.#points = Math.min(curvePoints, items);
    this.#pointItems = new Float64Array(this.#points);
    this.#pointOacc = new Float64Array(this.#points);
    this.#pointWindowed = new Float64Array(this.#points);
  }

  /**
   * Scores one item. Items beyond the planned number count, but are not on the curve.
   * @param correct number of samples of the item that were predicted correctly.
   * @param size samples of the item.
   */
  add(correct: number, size = this.#batch): void {
    const place = this.#items % this.#window;
    this.#windowCorrect += correct - this.#recentCorrect[place]!;
    this.#windowSamples += size - this.#recentSizes[place]!;
    this.#recentCorrect[place] = correct;
    this.#recentSizes[place] = size;
    this.#correct += correct;
    this.#samples += size;
    this.#items++;
    // Point j stands after floor((j + 1) * planned / points) items.
    const next = Math.floor(((this.#written + 1) * this.#planned) / this.#points);
    if (this.#written < this.#points && this.#items === next) {
      this.#pointItems[this.#written] = this.#items;
      this.#pointOacc[this.#written] = this.oacc;
      this.#pointWindowed[this.#written] = this.windowed;
      this.#written++;
    }
  }

  /** To be saved. */
  get parts(): StateParts {
    return {
      recentCorrect: this.#recentCorrect,
      recentSizes: this.#recentSizes,
      items: this.#pointItems,
      oacc: this.#pointOacc,
      windowed: this.#pointWindowed,
      counts: {
        save: () => [
          this.#written,
          this.#items,
          this.#correct,
          this.#samples,
          this.#windowCorrect,
          this.#windowSamples,
        ],
        restore: (counts) => {
          [
            this.#written,
            this.#items,
            this.#correct,
            this.#samples,
            this.#windowCorrect,
            this.#windowSamples,
          ] = counts as [number, number, number, number, number, number];
        },
      },
    };
  }

  /** Mean accuracy of all predictions so far, percentage points; 0 before the first. */
  get oacc(): number {
    return this.#samples === 0 ? 0 : (100 * this.#correct) / this.#samples;
  }

  /** The same over the last `window` items. */
  get windowed(): number {
    return this.#windowSamples === 0 ? 0 : (100 * this.#windowCorrect) / this.#windowSamples;
  }

  /** Evenly spaced points, at most 200; the last one is now. */
  curve(): AccuracyCurve {
    const items = [...this.#pointItems.subarray(0, this.#written)];
    const oacc = [...this.#pointOacc.subarray(0, this.#written)];
    const windowed = [...this.#pointWindowed.subarray(0, this.#written)];
    // A stream that was stopped ends between two points.
    if (this.#items > (items.at(-1) ?? 0) && this.#written < this.#points) {
      items.push(this.#items);
      oacc.push(this.oacc);
      windowed.push(this.windowed);
    }
    return { window: this.#window, items, oacc, windowed };
  }
}
