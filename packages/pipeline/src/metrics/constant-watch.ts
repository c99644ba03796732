import type { StateParts } from "../checkpoint/parts.js";

/**
 * Where so many of a window's samples have the target of the sample before, that target has about
 * 90 % of the window, and predicting nothing else is no fault.
 */
const mostRepeated = 0.8;

/**
 * Watches for items all of whose samples are predicted as the same value, while their targets
 * differ: what a network gives whose rectifiers have died, as they do where targets are not scaled.
 */
export class ConstantWatch {
  readonly #span: number;
  readonly #outputs: number;
  readonly #before: Float32Array;
  /** Items of the present window. */
  items = 0;
  #samples = 0;
  #repeated = 0;

  /** @param span samples of a window, of items in a row. */
  constructor(span: number, outputs: number) {
    this.#span = span;
    this.#outputs = outputs;
    this.#before = new Float32Array(outputs);
  }

  /** To be saved. */
  get parts(): StateParts {
    return {
      before: this.#before,
      counts: {
        save: () => [this.items, this.#samples, this.#repeated],
        restore: (counts) => {
          [this.items, this.#samples, this.#repeated] = counts as [number, number, number];
        },
      },
    };
  }

  /**
   * Takes the next item; says whether it ends a window of such items.
   * @param isConstant whether its samples were all predicted as the same.
   * @param targets [size, outputs]
   */
  add(isConstant: boolean, targets: Float32Array, size: number): boolean {
    if (!isConstant || this.#samples >= this.#span) {
      this.items = 0;
      this.#samples = 0;
      this.#repeated = 0;
    }
    if (!isConstant) return false;
    this.items++;
    this.#samples += size;
    for (let sample = 0; sample < size; sample++)
      if (this.#repeats(targets, sample)) this.#repeated++;
    return this.#samples >= this.#span && this.#repeated < mostRepeated * this.#samples;
  }

  /** Whether a sample has the targets of the one before, which it takes the place of. */
  #repeats(targets: Float32Array, sample: number): boolean {
    let isSame = true;
    for (let output = 0; output < this.#outputs; output++) {
      const target = targets[sample * this.#outputs + output] as number;
      if (target !== this.#before[output]) isSame = false;
      this.#before[output] = target;
    }
    return isSame;
  }
}
