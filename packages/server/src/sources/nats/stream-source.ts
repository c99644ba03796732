import { setTimeout as sleep } from "node:timers/promises";
import {
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { expected, InputError } from "../../errors.js";
import type { Source, SourceMessage } from "../contract.js";
import { decodeMessage, type HeaderOf } from "./message-format.js";
import { PartAssembler } from "./parts.js";
import { expectSameStream, firstNeeded, type NatsPosition } from "./stream-mark.js";
import { matcher } from "./subjects.js";

/** Which messages of a stream are read, and what happens where some are missing. */
export interface NatsSourceOptions {
  readonly connection: NatsConnection;
  /** Of items, labels or both, all in one stream; `*` and `>` stand for words as in NATS. */
  readonly subjects: readonly string[];
  /** Default: the one that has the first subject. */
  readonly stream?: string;
  /** Default: the name of the stream. */
  readonly name?: string;
  /**
   * What happens where messages are missing that were deleted, purged or pushed out: an error
   * (`refuse`, the default), or the next one is taken (`accept`).
   */
  readonly gaps?: "refuse" | "accept";
  /** Whether it waits for messages that are published later, the default, or ends where the stream ends. */
  readonly endless?: boolean;
  /** Told a sentence that a person should read. */
  readonly onNotice?: (sentence: string) => void;
}

/** Messages that are asked for at once: of a MiB each, so many MiB. */
const mostMessages = 64;
/** Milliseconds without a sign of the server after which the consumer is looked for: two of these. */
const heartbeat = 1_000;
/** Milliseconds between two looks at a stream of which others' messages are left out. */
const patience = 1_000;

/** As `natsSource` of lazy.ts. */
export async function natsSource(options: NatsSourceOptions): Promise<Source<NatsPosition>> {
  const { connection, subjects } = options;
  if (!Array.isArray(subjects) || subjects.length === 0 || subjects.some((subject) => !subject))
    throw expected("a list of subjects", "subjects", subjects);
  const manager = await managerOf(connection);
  const stream = options.stream ?? (await streamOf(manager, subjects[0]!));
  const { config } = await infoOf(manager, stream);
  if (config.retention !== "limits")
    throw new InputError(
      `Expected a stream with the retention "limits" but ${stream} has "${config.retention}", which forgets ` +
        'messages before a checkpoint has them; make another stream with "sources" of this one',
    );
  return {
    name: options.name ?? stream,
    read: (after, signal) => new Reader(options, manager, stream).read(after, signal),
  };
}

/** One reading of a stream. */
class Reader {
  readonly #options: NatsSourceOptions;
  readonly #manager: JetStreamManager;
  readonly #stream: string;
  readonly #acceptsGaps: boolean;
  readonly #assembler = new PartAssembler();
  /** When the stream was made. */
  #created = "";
  /** Sequence of the last message that came. */
  #last = 0;
  #consumer = "";
  #looked = 0;
  #second = 0;

  constructor(options: NatsSourceOptions, manager: JetStreamManager, stream: string) {
    this.#options = options;
    this.#manager = manager;
    this.#stream = stream;
    this.#acceptsGaps = options.gaps === "accept";
  }

  async *read(
    after: NatsPosition | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<SourceMessage<NatsPosition>> {
    const { connection, subjects, endless = true } = this.#options;
    const info = await infoOf(this.#manager, this.#stream);
    if (after) expectSameStream(info, after, this.#acceptsGaps);
    this.#created = info.created;
    const { first_seq: first, last_seq: end } = info.state;
    const start = Math.max(after ? firstNeeded(after) : first, first, 1);
    this.#last = start - 1;
    // Where all subjects are wanted every missing message shows.
    const isWhole = subjects.length > 1 || subjects.join() === info.config.subjects?.join();
    const consumer = await jetstream(connection).consumers.get(this.#stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: start,
      ...(!isWhole && { filter_subjects: subjects[0]! }),
    });
    if (!endless && (await consumer.info()).num_pending === 0) return;
    const messages = await consumer.consume({
      max_messages: mostMessages,
      idle_heartbeat: heartbeat,
      expires: 5 * heartbeat,
    });
    let failure: unknown;
    const close = () => void messages.close();
    signal.addEventListener("abort", close);
    if (signal.aborted) close();
    void this.#watch(messages).catch((error: unknown) => {
      failure = error;
      close();
    });
    const isWanted = matcher(subjects);
    try {
      for await (const message of messages) {
        if (signal.aborted) return;
        if (await this.#isNext(message, isWhole))
          if (isWanted(message.subject)) yield* this.#take(message, after);
        if (!endless && (message.seq >= end || message.info.pending === 0)) return;
      }
      if (failure) throw failure;
      if (!signal.aborted)
        throw new InputError(
          `Expected the connection to NATS to last but it was closed after message ${this.#last} of stream ` +
            `${this.#stream}; start again to go on from the last checkpoint`,
        );
    } finally {
      signal.removeEventListener("abort", close);
      close();
      if (!connection.isClosed()) consumer.delete().catch(() => {});
    }
  }

  /** @throws InputError where it is not the one that follows in the stream of the position. */
  async #isNext({ seq, info }: JsMsg, isWhole: boolean): Promise<boolean> {
    // A consumer that was made anew may be one of another stream.
    if (info.consumer !== this.#consumer) {
      if (this.#consumer !== "") await this.#look();
      this.#consumer = info.consumer;
    }
    if (seq <= this.#last) {
      if (this.#second++ === 0)
        this.#options.onNotice?.(
          `Message ${seq} of stream ${this.#stream} came a second time and is left out`,
        );
      return false;
    }
    if (seq > this.#last + 1 && !this.#acceptsGaps) {
      if (isWhole)
        throw new InputError(
          `Expected message ${this.#last + 1} of stream ${this.#stream} but ${seq} came: those between were ` +
            "deleted, purged or pushed out; accept gaps to go on without them",
        );
      if (performance.now() - this.#looked > patience) await this.#look();
    }
    this.#last = seq;
    return true;
  }

  *#take(message: JsMsg, after: NatsPosition | undefined): Generator<SourceMessage<NatsPosition>> {
    const { seq: sequence, data } = message;
    const headerOf: HeaderOf = (name) => message.headers?.get(name);
    // Taken in before; but parts may be needed of what was not whole.
    const isOld = after !== undefined && sequence <= after.sequence;
    const wanted = isOld ? (after.open ?? {}) : undefined;
    const time = message.time.getTime();
    const whole = this.#assembler.add(headerOf, data, sequence, time, wanted);
    if (isOld) return;
    const { open } = this.#assembler;
    const position: NatsPosition = {
      stream: this.#stream,
      created: this.#created,
      sequence,
      ...(open && { open }),
    };
    const found = whole.data && decodeMessage(headerOf, whole.data);
    const fault = whole.faults.join("; ");
    if (fault && !found) yield { fault, position };
    if (fault && found)
      this.#options.onNotice?.(`Before message ${sequence} of ${this.#stream}: ${fault}`);
    if (found)
      yield found.x !== undefined && found.id === undefined
        ? { ...found, id: String(sequence), position }
        : { ...found, position };
  }

  /** Looks for what only the server knows: whether it is still the same stream. */
  async #look(): Promise<void> {
    this.#looked = performance.now();
    const info = await this.#infoAtLast();
    const place = { stream: this.#stream, created: this.#created, sequence: this.#last };
    expectSameStream(info, place, this.#acceptsGaps);
  }

  /** What the server says once it is there again. @throws InputError where it has no such stream. */
  async #infoAtLast(): Promise<StreamInfo> {
    for (;;)
      try {
        return await infoOf(this.#manager, this.#stream);
      } catch (error) {
        const isKnown = (error as Error).cause instanceof JetStreamApiError;
        if (isKnown || this.#options.connection.isClosed()) throw error;
        await sleep(500);
      }
  }

  /** Looks whenever the consumer had to be made anew, also where no message comes. */
  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status())
      if (["ordered_consumer_recreated", "stream_not_found", "consumer_not_found"].includes(type))
        await this.#look();
  }
}

async function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection);
  } catch (error) {
    throw new InputError(
      `Expected JetStream at ${connection.getServer()} but got: ${(error as Error).message}; start ` +
        "nats-server with --jetstream",
      { cause: error },
    );
  }
}

async function streamOf(manager: JetStreamManager, subject: string): Promise<string> {
  try {
    return await manager.streams.find(subject);
  } catch (error) {
    throw new InputError(
      `Expected a stream that has the subject ${subject} but got: ${(error as Error).message}; make one, or ` +
        "name it",
      { cause: error },
    );
  }
}

async function infoOf(manager: JetStreamManager, stream: string): Promise<StreamInfo> {
  try {
    return await manager.streams.info(stream);
  } catch (error) {
    throw new InputError(
      `Expected stream ${stream} but got: ${(error as Error).message}; make it, or name another`,
      { cause: error },
    );
  }
}
