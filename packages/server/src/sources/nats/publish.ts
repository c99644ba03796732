import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  JetStreamApiError,
  type JetStreamClient,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { errors, headers, type NatsConnection } from "@nats-io/transport-node";
import { InputError } from "../../errors.js";
import { type EncodedMessage, encodeMessage, type PublishedItem } from "./message-format.js";
import { splitMessage } from "./parts.js";

/** How messages are sent. */
export interface PublishOptions {
  /** Bytes of a message; default what the server says, `max_payload`. */
  readonly mostBytes?: number;
  /**
   * Milliseconds in which a stream has to be there that takes the subject. By default it has to be there
   * at the beginning, and may be gone for 60,000 later, as while its server starts again. A connection that
   * is lost is waited for, however long that takes.
   */
  readonly patience?: number;
}

/** What the stream has taken. */
export interface Published {
  /** Messages of the stream; a large item is several. */
  readonly messages: number;
  /** Of these, second copies, which it does not keep. */
  readonly duplicates: number;
}

/** Messages that are sent and not confirmed. */
const inFlight = 64;

/** As `publishItems` of lazy.ts. */
export async function publishItems(
  connection: NatsConnection,
  subject: string,
  items: Iterable<PublishedItem> | AsyncIterable<PublishedItem>,
  options: PublishOptions = {},
): Promise<Published> {
  if (options.patience === undefined) await expectStream(connection, subject);
  let messages = 0;
  let duplicates = 0;
  let open: Promise<Published>[] = [];
  const settle = async () => {
    for (const each of await Promise.all(open)) {
      messages += each.messages;
      duplicates += each.duplicates;
    }
    open = [];
  };
  for await (const item of items) {
    const kind = item.x === undefined ? "label" : "item";
    const name = `${kind} ${item.id ?? randomUUID()}`;
    open.push(publishMessage(connection, subject, encodeMessage(item), name, options));
    if (open.length >= inFlight) await settle();
  }
  await settle();
  return { messages, duplicates };
}

/** The error of JetStream where a stream is not there. */
const noStream = 10059;

/** @throws InputError where the server says that no stream takes the subject. */
async function expectStream(connection: NatsConnection, subject: string): Promise<void> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  try {
    await streams.find(subject);
  } catch (error) {
    // Whether it is only away for a while is seen when something is sent.
    if (!(error instanceof JetStreamApiError && error.code === noStream)) return;
    throw new InputError(
      `Expected a stream that takes messages at ${subject} but the server has none; make one, or name a ` +
        "subject of a stream (nats stream ls)",
      { cause: error },
    );
  }
}

/** @param name of which the stream keeps one, within its window of duplicates. */
export async function publishMessage(
  connection: NatsConnection,
  subject: string,
  message: EncodedMessage,
  name: string,
  { mostBytes = connection.info?.max_payload ?? 2 ** 20, patience = 60_000 }: PublishOptions = {},
): Promise<Published> {
  const client = jetstream(connection);
  const parts = splitMessage(message, name, mostBytes);
  const acknowledged = await Promise.all(
    parts.map((part, index) => {
      const msgID = parts.length === 1 ? name : `${name} ${index}`;
      return publishPart(client, subject, part, msgID, patience);
    }),
  );
  return {
    messages: parts.length,
    duplicates: acknowledged.filter(({ duplicate }) => duplicate).length,
  };
}

/** Sends it again until it is confirmed: the stream knows second copies by the id. */
async function publishPart(
  client: JetStreamClient,
  subject: string,
  { headers: fields, data }: EncodedMessage,
  msgID: string,
  patience: number,
) {
  let alone = 0;
  const head = headers();
  for (const [name, value] of Object.entries(fields)) head.set(name, value);
  for (;;) {
    try {
      return await client.publish(subject, data, { headers: head, msgID });
    } catch (error) {
      // Nobody takes the subject: no stream has it, or JetStream is not there yet.
      const { cause } = error as Error;
      const isAlone = cause instanceof errors.RequestError && cause.isNoResponders();
      if (isAlone && alone === 0) alone = performance.now();
      if (!isAlone) alone = 0;
      const isRefused =
        error instanceof JetStreamApiError || error instanceof errors.ClosedConnectionError;
      if (isRefused || (isAlone && performance.now() - alone > patience))
        throw new InputError(
          `Expected a stream to take a message of ${data.length} bytes at ${subject} but got: ` +
            `${(error as Error).message}; look at its subjects and limits with nats stream info`,
          { cause: error },
        );
      await sleep(200);
    }
  }
}
