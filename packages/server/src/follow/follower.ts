import type { Observation, Prediction } from "@ferret-ocl/pipeline";
import { InputError } from "../errors.js";
import type { ServedClass, ServedPrediction, Service } from "../service.js";
import { type CheckedMessage, checkMessage, type ItemShape } from "../sources/check-message.js";
import type { Source, SourceMessage } from "../sources/contract.js";
import { Calls } from "./calls.js";
import type { FollowCounts, Following, FollowOptions } from "./contract.js";
import { EarlyLabels } from "./early-labels.js";

/** Under which a checkpoint keeps what is followed, beside the positions of sources. */
const ownName = "follow";

type Settings = FollowOptions &
  Required<Pick<FollowOptions, "every" | "inFlight" | "earlyLabels" | "badMessages">>;

interface Saved {
  readonly counts: FollowCounts;
  readonly early: [string, number[]][];
}

const none: FollowCounts = {
  messages: 0,
  labelled: 0,
  dropped: 0,
  scored: 0,
  correct: 0,
  alone: 0,
  bad: 0,
  unmatched: 0,
  checkpoints: 0,
};

/** What `follow` gives. */
export class Follower implements Following {
  readonly ended: Promise<FollowCounts>;
  readonly #service: Service;
  readonly #settings: Settings;
  readonly #shape: ItemShape;
  /** Items alone that are being predicted, by id. */
  readonly #predicting = new Map<string, Promise<void>>();
  readonly #counts: { -readonly [Name in keyof FollowCounts]: number };
  readonly #early: EarlyLabels;
  readonly #calls: Calls;
  readonly #stopping = new AbortController();
  /** Ends the wait for a message, of each source that waits for one. */
  readonly #waits = new Set<() => void>();
  /** A checkpoint that waits for calls; no message is taken in meanwhile. */
  #cut: Promise<void> | null = null;
  /** The checkpoint that is being written. */
  #writing: Promise<void> = Promise.resolve();
  #savedMessages: number;
  #savedAt = performance.now();
  /** What ended the learner or its checkpoints: nothing can be saved any more. */
  #failure: { readonly error: unknown } | null = null;

  constructor(service: Service, settings: Settings) {
    this.#service = service;
    this.#settings = settings;
    const { inputLength, learner } = service;
    this.#shape = { inputLength, classes: learner.model.classes };
    const saved = service.positionOf(ownName) as Saved | undefined;
    const counts = { ...none, ...saved?.counts };
    const early = new EarlyLabels(settings.earlyLabels, saved?.early);
    this.#counts = counts;
    this.#early = early;
    this.#savedMessages = counts.messages;
    // Read when a checkpoint is made, whoever asks for it.
    service.moveTo(ownName, {
      get counts() {
        return { ...counts };
      },
      get early() {
        return early.save();
      },
    });
    this.#calls = new Calls(settings.inFlight);
    this.ended = this.#run();
    this.ended.catch(() => {});
  }

  get counts(): FollowCounts {
    return { ...this.#counts };
  }

  stop(): void {
    this.#stopping.abort();
    for (const end of this.#waits) end();
  }

  async #run(): Promise<FollowCounts> {
    const { every, sources } = this.#settings;
    const timer =
      "milliseconds" in every
        ? setInterval(() => {
            if (this.#counts.messages > this.#savedMessages) this.#checkpoint().catch(() => {});
          }, every.milliseconds)
        : undefined;
    const ends = await Promise.allSettled(sources.map((source) => this.#read(source)));
    clearInterval(timer);
    await this.#calls.answered();
    if (!this.#failure && this.#counts.messages > this.#savedMessages) await this.#checkpoint();
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return this.counts;
  }

  async #read(source: Source): Promise<void> {
    const { signal } = this.#stopping;
    const messages = source.read(this.#service.positionOf(source.name), signal);
    const iterator = messages[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#unlessStopped(iterator.next());
        if (next === null || next.done) return;
        for (let turn = this.#turn(next.value); turn; turn = this.#turn(next.value)) await turn;
        if (signal.aborted) return;
        this.#take(source, next.value);
        if (this.#isDue()) await this.#checkpoint();
      }
    } catch (error) {
      this.stop();
      throw error;
    } finally {
      // A generator that is not done with its last message ends when it is.
      Promise.resolve(iterator.return?.()).catch(() => {});
    }
  }

  /** What a message has to wait for before it is taken in; undefined: nothing. */
  #turn({ x, id }: SourceMessage): Promise<void> | undefined {
    if (this.#cut) return this.#cut;
    if (!this.#calls.hasRoom) return this.#calls.room();
    // A label may be as quick as the prediction.
    return x === undefined && id !== undefined ? this.#predicting.get(id) : undefined;
  }

  /** The message, or null once `stop` is called, whether or not the source heeds the signal. */
  #unlessStopped<Message>(message: Promise<Message>): Promise<Message | null> {
    if (this.#stopping.signal.aborted) {
      message.catch(() => {});
      return Promise.resolve(null);
    }
    // Not Promise.race, which would keep a trace of every message at the promise of the end.
    return new Promise((resolve, reject) => {
      const end = () => resolve(null);
      this.#waits.add(end);
      const done = () => this.#waits.delete(end);
      message.then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }

  /** Hands a message to the learner and moves behind it, in one turn. */
  #take(source: Source, message: SourceMessage): void {
    const { position } = message;
    const counts = this.#counts;
    try {
      const checked = checkMessage(message, this.#shape);
      const call = this.#callFor(source, position, checked);
      if (call) this.#calls.add(call, (error) => this.#fail(error));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#passOver(source, position, error);
    }
    counts.messages++;
    if (position !== undefined) this.#service.moveTo(source.name, position);
  }

  /** @throws InputError where it is to stop at it. */
  #passOver(source: Source, position: unknown, { message }: InputError): void {
    const place = position === undefined ? "" : ` ${JSON.stringify(position)}`;
    const told = `Message${place} of ${source.name}: ${message}`;
    if (this.#settings.badMessages === "stop") throw new InputError(told);
    const bad = ++this.#counts.bad;
    // A source that is all wrong should not fill a disk with sentences.
    if (bad <= 10 || Number.isInteger(Math.log2(bad)))
      this.#settings.onNotice?.(`${told} (passed over, ${bad} so far)`);
  }

  #callFor(source: Source, position: unknown, { x, y, id }: CheckedMessage): Promise<void> | null {
    if (!x) return this.#label(source, position, id!, y!);
    const early = id === undefined || y ? undefined : this.#early.take(id);
    const fits = early && early.length * this.#shape.inputLength === x.length;
    if (early && !fits) this.#counts.unmatched++;
    const truth = y ?? (fits ? early : undefined);
    if (truth) return this.#observe(source, position, x, truth, id);
    if (id === undefined) return this.#predict(source, position, x, id);
    const call = this.#predict(source, position, x, id);
    this.#predicting.set(
      id,
      call.catch(() => {}),
    );
    return call.finally(() => this.#predicting.delete(id));
  }

  async #observe(source: Source, position: unknown, x: Float32Array, y: Int32Array, id?: string) {
    const counts = this.#counts;
    counts.labelled += y.length;
    const observed = await this.#service.observe(x, y);
    const { labels, probabilities, correct, learned } = observed as Observation;
    counts.scored += y.length;
    counts.correct += correct;
    counts.dropped += y.length - learned;
    await this.#settings.predictions?.({
      source: source.name,
      position,
      id,
      labels,
      probabilities,
    });
  }

  async #predict(source: Source, position: unknown, x: Float32Array, id?: string) {
    const count = x.length / this.#shape.inputLength;
    this.#counts.alone += count;
    const predicted =
      // Without a name no label can follow.
      id === undefined
        ? ((await this.#service.learner.predict(x)) as Prediction)
        : await this.#predictNamed(source, position, x, idsOf(id, count));
    if (!predicted) return;
    const { labels, probabilities } = predicted;
    await this.#settings.predictions?.({
      source: source.name,
      position,
      id,
      labels,
      probabilities,
    });
  }

  /** Null where another sample waits under one of the ids. */
  async #predictNamed(source: Source, position: unknown, x: Float32Array, ids: readonly string[]) {
    try {
      return joined(await this.#service.predictAll(x, ids), this.#shape.classes);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#counts.alone -= ids.length;
      this.#passOver(source, position, error);
      return null;
    }
  }

  #label(source: Source, position: unknown, id: string, y: Int32Array): Promise<void> | null {
    const ids = idsOf(id, y.length);
    if (ids.every((each) => this.#service.waiting.has(each)))
      return this.#learn(source, position, ids, y);
    this.#counts.unmatched += this.#early.keep(id, y);
    return null;
  }

  async #learn(source: Source, position: unknown, ids: readonly string[], y: Int32Array) {
    try {
      const late = ids.map((id, sample) => ({ id, label: y[sample]! }));
      const learned = await this.#service.labelAll(late);
      this.#counts.labelled += y.length;
      this.#counts.dropped += y.length - learned;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#passOver(source, position, error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.stop();
  }

  #isDue(): boolean {
    const { every } = this.#settings;
    if ("items" in every) return this.#counts.messages % every.items === 0;
    return performance.now() - this.#savedAt >= every.milliseconds;
  }

  /** Waits until all calls are answered, and begins a checkpoint; it is written while messages go on. */
  async #checkpoint(): Promise<void> {
    while (this.#cut) await this.#cut;
    this.#cut = this.#begin();
    try {
      await this.#cut;
    } finally {
      this.#cut = null;
    }
  }

  async #begin(): Promise<void> {
    await this.#calls.answered();
    await this.#writing;
    if (this.#failure) return;
    this.#savedMessages = this.#counts.messages;
    this.#savedAt = performance.now();
    this.#counts.checkpoints++;
    this.#writing = this.#write(this.#service.save()).catch((error: unknown) => this.#fail(error));
  }

  async #write(saved: Promise<Readonly<Record<string, unknown>>>): Promise<void> {
    const positions = await saved;
    if (this.#service.state === undefined) return;
    for (const source of this.#settings.sources) {
      const position = positions[source.name];
      if (position !== undefined) await source.acknowledge?.(position);
    }
  }
}

/** Under which the samples of an item wait. */
function idsOf(id: string, count: number): string[] {
  return count === 1 ? [id] : Array.from({ length: count }, (_, sample) => `${id}/${sample}`);
}

function joined(served: readonly ServedPrediction[], classes: number) {
  const labels = new Int32Array(served.length);
  const probabilities = new Float32Array(served.length * classes);
  for (const [sample, each] of served.entries()) {
    const { label, probabilities: own } = each as ServedClass;
    labels[sample] = label;
    probabilities.set(own, sample * classes);
  }
  return { labels, probabilities };
}
