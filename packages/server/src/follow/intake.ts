import type {
  Observation,
  Prediction,
  RegressionObservation,
  RegressionPrediction,
} from "@ferret-ocl/pipeline";
import { InputError } from "../errors.js";
import type { Service } from "../service.js";
import type { ServedPrediction } from "../service-contract.js";
import { type CheckedMessage, checkMessage, type ItemShape } from "../sources/check-message.js";
import type { Predicted, Source, SourceMessage } from "../sources/contract.js";
import type { FollowCounts, FollowOptions } from "./contract.js";
import type { EarlyLabels, Truth } from "./early-labels.js";

type Settings = Pick<FollowOptions, "predictions" | "badMessages" | "onNotice">;

/** If so many messages were bad and none was good, all of them may be. */
const suspicious = 10;

/** Where a message comes from. */
interface Origin {
  readonly source: string;
  readonly position: unknown;
}

/** What becomes of a message: the call of the service that it stands for. */
export class Intake {
  readonly #service: Service;
  readonly #settings: Settings;
  readonly #shape: ItemShape;
  readonly #counts: { -readonly [Name in keyof FollowCounts]: number };
  readonly #early: EarlyLabels;
  /** Items alone that are being predicted, by id. */
  readonly #predicting = new Map<string, Promise<void>>();

  constructor(
    service: Service,
    settings: Settings,
    counts: { -readonly [Name in keyof FollowCounts]: number },
    early: EarlyLabels,
  ) {
    this.#service = service;
    this.#settings = settings;
    this.#counts = counts;
    this.#early = early;
    const { model } = service.learner;
    const isOfValues = model.loss === "meanSquaredError";
    this.#shape = { inputLength: service.inputLength, outputs: model.classes, isOfValues };
  }

  /** What a message has to wait for: a label may be as quick as its item's prediction. */
  before({ x, id }: SourceMessage): Promise<void> | undefined {
    return x === undefined && id !== undefined ? this.#predicting.get(id) : undefined;
  }

  /**
   * Hands a message to the service, within this turn.
   * @returns when it is answered; null: at once.
   * @throws InputError for a bad message, where it is to stop at it.
   */
  take({ name }: Source, message: SourceMessage): Promise<void> | null {
    const origin = { source: name, position: message.position };
    let checked: CheckedMessage;
    try {
      checked = checkMessage(message, this.#shape);
    } catch (error) {
      this.#passOver(origin, error);
      return null;
    }
    const { x, y, id } = checked;
    if (!x) return this.#label(origin, id!, y!);
    const truth = y ?? this.#earlyFor(id, x);
    if (truth) return this.#observe(origin, x, truth, id);
    const call = this.#predict(origin, x, id);
    if (id === undefined) return call;
    const answered = () => {
      this.#predicting.delete(id);
    };
    this.#predicting.set(id, call.then(answered, answered));
    return call;
  }

  /** @throws InputError where it is to stop at it, and what is no fault of the message. */
  #passOver({ source, position }: Origin, error: unknown): void {
    if (!(error instanceof InputError)) throw error;
    const place = position === undefined ? "" : ` ${JSON.stringify(position)}`;
    const told = `Message${place} of ${source}: ${error.message}`;
    if (this.#settings.badMessages === "stop") throw new InputError(told);
    const bad = ++this.#counts.bad;
    // A source that is all wrong should not fill a disk with sentences.
    if (bad <= 10 || Number.isInteger(Math.log2(bad)))
      this.#settings.onNotice?.(`${told} (passed over, ${bad} so far)`);
    const { labelled, alone } = this.#counts;
    if (bad === suspicious && labelled + alone === 0)
      this.#settings.onNotice?.(
        `None of the first ${bad} messages could be read: look at how they are written (classes are numbers from 0; in ` +
          "CSV the label is in the last column, and no line names columns, unless told otherwise)",
      );
  }

  /** A label that came before its item. */
  #earlyFor(id: string | undefined, x: Float32Array): Truth | undefined {
    const early = id === undefined ? undefined : this.#early.take(id);
    if (!early || this.#samplesOf(early) * this.#shape.inputLength === x.length) return early;
    this.#counts.unmatched++;
    return undefined;
  }

  async #observe(origin: Origin, x: Float32Array, y: Truth, id: string | undefined) {
    const counts = this.#counts;
    const samples = this.#samplesOf(y);
    counts.labelled += samples;
    const observed = await this.#service.observe(x, y);
    counts.scored += samples;
    counts.dropped += samples - observed.learned;
    if ("correct" in observed) counts.correct += observed.correct;
    await this.#settings.predictions?.({ ...origin, id, ...predictedOf(observed) });
  }

  async #predict(origin: Origin, x: Float32Array, id: string | undefined) {
    const count = x.length / this.#shape.inputLength;
    this.#counts.alone += count;
    const predicted =
      // Without a name no label can follow.
      id === undefined
        ? predictedOf(await this.#service.learner.predict(x))
        : await this.#predictNamed(origin, x, idsOf(id, count));
    if (predicted) await this.#settings.predictions?.({ ...origin, id, ...predicted });
  }

  /** Null where another sample waits under one of the ids. */
  async #predictNamed(origin: Origin, x: Float32Array, ids: readonly string[]) {
    try {
      return joined(await this.#service.predictAll(x, ids), this.#shape.outputs);
    } catch (error) {
      this.#passOver(origin, error);
      this.#counts.alone -= ids.length;
      return null;
    }
  }

  #label(origin: Origin, id: string, y: Truth): Promise<void> | null {
    const ids = idsOf(id, this.#samplesOf(y));
    if (ids.every((each) => this.#service.waiting.has(each))) return this.#learn(origin, ids, y);
    this.#counts.unmatched += this.#early.keep(id, y);
    return null;
  }

  async #learn(origin: Origin, ids: readonly string[], y: Truth): Promise<void> {
    try {
      const { length } = ids;
      const width = y.length / length;
      const late = ids.map((id, sample) => {
        const own = Array.from(y.subarray(sample * width, (sample + 1) * width));
        return { id, label: own.length === 1 ? own[0]! : own };
      });
      const learned = await this.#service.labelAll(late);
      this.#counts.labelled += length;
      this.#counts.dropped += length - learned;
    } catch (error) {
      this.#passOver(origin, error);
    }
  }

  #samplesOf(y: Truth): number {
    const { isOfValues, outputs } = this.#shape;
    return isOfValues ? y.length / outputs : y.length;
  }
}

/** Under which the samples of an item wait. */
function idsOf(id: string, count: number): string[] {
  return count === 1 ? [id] : Array.from({ length: count }, (_, sample) => `${id}/${sample}`);
}

function predictedOf(
  given: Prediction | Observation | RegressionPrediction | RegressionObservation,
): Predicted {
  if ("values" in given) return { values: given.values };
  return { labels: given.labels, probabilities: given.probabilities };
}

function joined(served: readonly ServedPrediction[], outputs: number): Predicted {
  const all = new Float32Array(served.length * outputs);
  const labels = new Int32Array(served.length);
  for (const [sample, { label, probabilities, values }] of served.entries()) {
    all.set(values ?? probabilities, sample * outputs);
    if (label !== undefined) labels[sample] = label;
  }
  return served[0]?.values ? { values: all } : { labels, probabilities: all };
}
