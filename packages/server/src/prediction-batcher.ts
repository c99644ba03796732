import type { ServedLearner } from "./served-learner.js";

/** What was predicted of n samples: classes and their probabilities, or values. */
export interface PredictedBatch {
  /** [n], of classes. */
  readonly labels?: Int32Array;
  /** Probabilities of the classes, or values, [n, width]. */
  readonly outputs: Float32Array;
}

interface Call {
  readonly x: Float32Array;
  readonly count: number;
  readonly since: number;
  resolve(batch: PredictedBatch): void;
  reject(error: unknown): void;
}

/**
 * Predicts together what comes together. A sample that comes while the learner is idle waits for no other
 * one but those of the same turn of the event loop; while a prediction is under way, samples gather until
 * it is done, there is a batch of them, or the first has waited for as long as it may.
 *
 * ```
 *   calls     a   b c d        e
 *   learner   [ a ]  [b c d]   [ e ]
 * ```
 */
export class PredictionBatcher {
  readonly #learner: ServedLearner;
  readonly #inputLength: number;
  readonly #width: number;
  readonly #batch: number;
  readonly #wait: number;
  #calls: Call[] = [];
  #gathered = 0;
  #underWay = 0;
  /** Wakes what has waited for its time, and what came in this turn. */
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  /** Called with the number of samples of every prediction that the learner makes. */
  onBatch: (samples: number) => void = () => {};

  /**
   * @param shape values of a sample, and how many are predicted of it.
   * @param batch samples that the learner predicts at once.
   * @param wait milliseconds; 0: nothing waits, every call is predicted by itself.
   */
  constructor(
    learner: ServedLearner,
    shape: { readonly inputLength: number; readonly width: number },
    batch: number,
    wait: number,
  ) {
    this.#learner = learner;
    this.#inputLength = shape.inputLength;
    this.#width = shape.width;
    this.#batch = batch;
    this.#wait = wait;
  }

  /**
   * Predicts samples, perhaps together with those of other calls.
   * @param x of one sample or more, checked.
   * @throws what the learner throws; of calls that were predicted together all are told.
   */
  predict(x: Float32Array): Promise<PredictedBatch> {
    const count = x.length / this.#inputLength;
    return new Promise((resolve, reject) => {
      this.#calls.push({ x, count, since: performance.now(), resolve, reject });
      this.#gathered += count;
      if (this.#wait === 0 || this.#gathered >= this.#batch) this.#flush();
      else this.#schedule();
    });
  }

  #schedule(): void {
    const [first] = this.#calls;
    if (!first) return;
    if (this.#underWay === 0) this.#turn ??= setImmediate(() => this.#flush());
    const left = this.#wait - (performance.now() - first.since);
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(0, left));
  }

  #flush(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#timer = undefined;
    this.#turn = undefined;
    const calls = this.#calls;
    if (calls.length === 0) return;
    const samples = this.#gathered;
    this.#calls = [];
    this.#gathered = 0;
    this.#underWay++;
    void this.#predictTogether(calls, samples).finally(() => {
      this.#underWay--;
      this.#schedule();
    });
  }

  async #predictTogether(calls: readonly Call[], samples: number): Promise<void> {
    try {
      this.onBatch(samples);
      const { labels, outputs } = await this.#ask(this.#join(calls, samples));
      let at = 0;
      for (const { count, resolve } of calls) {
        const last = at + count;
        resolve({
          ...(labels && { labels: labels.subarray(at, last) }),
          outputs: outputs.subarray(at * this.#width, last * this.#width),
        });
        at = last;
      }
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }

  #join(calls: readonly Call[], samples: number): Float32Array {
    const [first] = calls;
    if (calls.length === 1 && first) return first.x;
    const all = new Float32Array(samples * this.#inputLength);
    let at = 0;
    for (const { x } of calls) {
      all.set(x, at);
      at += x.length;
    }
    return all;
  }

  async #ask(x: Float32Array): Promise<PredictedBatch> {
    const predicted = await this.#learner.predict(x);
    if ("values" in predicted) return { outputs: predicted.values };
    return { labels: predicted.labels, outputs: predicted.probabilities };
  }
}
