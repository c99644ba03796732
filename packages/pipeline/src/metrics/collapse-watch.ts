import type { StateParts } from "../checkpoint/parts.js";
import { areFinite, type ItemShape } from "../execute/check-item.js";
import { areAlike } from "../execute/score-values.js";
import { isRegression } from "../model/loss.js";
import { ConstantWatch } from "./constant-watch.js";

/**
 * One class was predicted for every sample of a window of the stream, although its labels had
 * several; or half or more of a window's items had logits that are not finite, from which no class
 * can be read. In regression: one value was predicted for all samples of each item, although the
 * targets differed; or values were not finite.
 */
export interface Collapse {
  /** The last item of the window. */
  readonly item: number;
  /** Items of the window. */
  readonly window: number;
  /** Null if the logits were not finite, and in regression. */
  readonly class: number | null;
  /** Given in regression, where one value was predicted; not where it was none. */
  readonly isConstant?: true;
}

/** A window has this many samples: by chance no working learner keeps to one class for so long. */
const windowSamples = 1000;
/** If one label has this share of a window, predicting nothing else is not a fault. */
const mostCommon = 0.9;

/** The one class among the first `size` predicted; -1: there are several. */
export function onlyOf(predicted: Int32Array, size = predicted.length): number {
  const first = predicted[0] ?? -1;
  for (let sample = 1; sample < size; sample++) if (predicted[sample] !== first) return -1;
  return first;
}

/**
 * Watches what a learner predicts, item by item: for the one class that a learner whose weights
 * have run away ends up with, and for logits that are not finite. Its losses and its accuracy still
 * look like ordinary numbers then.
 */
export class CollapseWatch {
  readonly #window: number;
  readonly #batch: number;
  /** Samples by label, of the items since the class last changed. */
  readonly #labels: Float64Array;
  /** By item of the last window, a ring: 1 where a logit was not finite. */
  readonly #unsound: Uint8Array;
  #unsoundItems = 0;
  #seen = 0;
  #class = -1;
  #items = 0;
  #samples = 0;
  #collapse: Collapse | null = null;
  readonly #outputs: number;
  readonly #constant: ConstantWatch;

  constructor(shape: ItemShape) {
    const { batch, classes } = shape;
    this.#batch = batch;
    this.#window = Math.ceil(windowSamples / batch);
    this.#labels = new Float64Array(isRegression(shape) ? 0 : classes);
    this.#outputs = classes;
    this.#constant = new ConstantWatch(this.#window * batch, classes);
    this.#unsound = new Uint8Array(this.#window);
  }

  /** The first window in which it was so; null if there is none. */
  get collapse(): Collapse | null {
    return this.#collapse;
  }

  /** Goes on from what another one has found, whose `parts` it was given. */
  restoreCollapse(collapse: Collapse | null): void {
    this.#collapse = collapse;
  }

  /** To be saved, with `collapse`. */
  get parts(): StateParts {
    const { before, counts } = this.#constant.parts;
    return {
      labels: this.#labels,
      unsound: this.#unsound,
      counts: {
        save: () => [this.#unsoundItems, this.#seen, this.#class, this.#items, this.#samples],
        restore: (numbers) => {
          [this.#unsoundItems, this.#seen, this.#class, this.#items, this.#samples] = numbers as [
            number,
            number,
            number,
            number,
            number,
          ];
        },
      },
      ...(before && { targets: before }),
      ...(counts && { constant: counts }),
    };
  }

  /**
   * Takes the prediction of the next item.
   * @param index of the item in the stream.
   * @param only the one class that all of its samples were predicted as; -1: there were several.
   * @param isSound whether its logits were finite.
   * @param size samples of the item; labels after them do not count.
   */
  add(index: number, only: number, labels: Int32Array, isSound: boolean, size = this.#batch): void {
    if (this.#collapse) return;
    if (this.#hasNoNumbers(isSound)) {
      this.#collapse = { item: index, window: this.#window, class: null };
      return;
    }
    const span = this.#window * this.#batch;
    if (only !== this.#class || this.#samples >= span) {
      this.#class = only;
      this.#items = 0;
      this.#samples = 0;
      this.#labels.fill(0);
    }
    if (only < 0) return;
    this.#items++;
    this.#samples += size;
    for (let sample = 0; sample < size; sample++) {
      const label = labels[sample] as number;
      this.#labels[label] = (this.#labels[label] as number) + 1;
    }
    if (this.#samples < span) return;
    let most = 0;
    for (const count of this.#labels) most = Math.max(most, count);
    if (most < mostCommon * this.#samples)
      this.#collapse = { item: index, window: this.#items, class: only };
  }

  /**
   * In regression: takes the prediction of the next item. Items of one sample cannot show whether
   * values are constant.
   * @param values [size, outputs]; so are `targets`.
   */
  addValues(index: number, values: Float32Array, targets: Float32Array, size: number): void {
    if (this.#collapse) return;
    const found = { item: index, window: this.#window, class: null };
    if (this.#hasNoNumbers(areFinite(values, size * this.#outputs))) this.#collapse = found;
    else if (this.#constant.add(areAlike(values, size, this.#outputs), targets, size))
      this.#collapse = { ...found, window: this.#constant.items, isConstant: true };
  }

  /** Takes in the next item; says whether half of the last window's had logits that are not finite. */
  #hasNoNumbers(isSound: boolean): boolean {
    const place = this.#seen++ % this.#window;
    const now = isSound ? 0 : 1;
    this.#unsoundItems += now - (this.#unsound[place] as number);
    this.#unsound[place] = now;
    return this.#seen >= this.#window && 2 * this.#unsoundItems >= this.#window;
  }
}
