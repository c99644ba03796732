import { InputError } from "../errors.js";
import type { Service } from "../service.js";
import type { Source, SourceMessage } from "../sources/contract.js";
import { Calls } from "./calls.js";
import type { FollowCounts, Following, FollowOptions } from "./contract.js";
import { EarlyLabels } from "./early-labels.js";
import { Intake } from "./intake.js";

/** Under which a checkpoint keeps what is followed, beside the positions of sources. */
const ownName = "follow";

type Settings = FollowOptions &
  Required<Pick<FollowOptions, "every" | "inFlight" | "earlyLabels" | "badMessages">>;

interface Saved {
  readonly counts: FollowCounts;
  readonly early: [string, number[]][];
  /** Names of all sources that were ever followed. */
  readonly sources: readonly string[];
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
  readonly #counts: { -readonly [Name in keyof FollowCounts]: number };
  readonly #intake: Intake;
  readonly #calls: Calls;
  readonly #stopping = new AbortController();
  /** Ends the wait for a message, of each source that waits for one. */
  readonly #waits = new Set<() => void>();
  /** A checkpoint that waits for calls; no message is taken in meanwhile. */
  #cut: Promise<void> | null = null;
  /** The checkpoint that is being written. */
  #writing: Promise<void> = Promise.resolve();
  /** What the last checkpoint holds. */
  #positions: Readonly<Record<string, unknown>> = {};
  #savedMessages: number;
  #savedAt = performance.now();
  /** What ended the learner or its checkpoints: nothing can be saved any more. */
  #failure: { readonly error: unknown } | null = null;

  constructor(service: Service, settings: Settings) {
    this.#service = service;
    this.#settings = settings;
    const saved = service.positionOf(ownName) as Saved | undefined;
    const counts = { ...none, ...saved?.counts };
    const early = new EarlyLabels(settings.earlyLabels, saved?.early);
    this.#counts = counts;
    this.#intake = new Intake(service, settings, counts, early);
    this.#savedMessages = counts.messages;
    const known = saved?.sources ?? [];
    const names = settings.sources.map(({ name }) => name);
    tellOfOthers(known, names, settings.onNotice);
    const sources = [...new Set([...known, ...names])];
    // Read when a checkpoint is made, whoever asks for it.
    service.moveTo(ownName, {
      get counts() {
        return { ...counts };
      },
      get early() {
        return early.save();
      },
      sources,
    });
    this.#calls = new Calls(settings.inFlight);
    service.saveThrough(() => this.#saveNow());
    service.showFollowed(() => this.counts);
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
    // Nothing is in hand any more.
    this.#service.saveThrough(null);
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
  #turn(message: SourceMessage): Promise<void> | undefined {
    if (this.#cut) return this.#cut;
    return this.#calls.hasRoom ? this.#intake.before(message) : this.#calls.room();
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

  /** Hands a message to the service and moves behind it, in one turn. */
  #take(source: Source, message: SourceMessage): void {
    const { position } = message;
    const call = this.#intake.take(source, message);
    if (call) this.#calls.add(call, (error) => this.#fail(error));
    this.#counts.messages++;
    if (position !== undefined) this.#service.moveTo(source.name, position);
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
    // What it holds is taken before another message is.
    const { written } = await this.#service.beginSave();
    this.#writing = this.#write(written).catch((error: unknown) => this.#fail(error));
  }

  /** A checkpoint that somebody else asks for. */
  async #saveNow(): Promise<Readonly<Record<string, unknown>>> {
    await this.#checkpoint();
    await this.#writing;
    if (this.#failure)
      throw new InputError(
        `Expected what is followed to go on until a checkpoint but it has failed (${this.#failure.error}); the ` +
          "checkpoint before is the last",
      );
    return this.#positions;
  }

  async #write(saved: Promise<Readonly<Record<string, unknown>>>): Promise<void> {
    const positions = await saved;
    this.#positions = positions;
    if (this.#service.state === undefined) return;
    for (const source of this.#settings.sources) {
      const position = positions[source.name];
      if (position !== undefined) await source.acknowledge?.(position);
    }
  }
}

/** No stream may begin anew, or be left, without a word. */
function tellOfOthers(
  known: readonly string[],
  names: readonly string[],
  onNotice: FollowOptions["onNotice"],
): void {
  const left = known.filter((name) => !names.includes(name));
  if (left.length === 0) return;
  const begun = names.filter((name) => !known.includes(name));
  onNotice?.(
    `The checkpoint also stands in ${left.join(", ")}, which is not followed now; its place is kept` +
      (begun.length > 0 ? ` (${begun.join(", ")} is followed from its beginning)` : ""),
  );
}
