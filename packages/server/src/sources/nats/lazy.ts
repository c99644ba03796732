// The client of NATS takes a while to load: it is when it is first asked for.

import type { NatsConnection } from "@nats-io/transport-node";
import type { PredictionSink, Source } from "../contract.js";
import type { PublishedItem } from "./message-format.js";
import type { Published, PublishOptions } from "./publish.js";
import type { NatsPosition } from "./stream-mark.js";
import type { NatsSourceOptions } from "./stream-source.js";

/**
 * Connects to a NATS server. When the connection is lost it is made again, however long that takes.
 * @param servers such as nats://127.0.0.1:4222, or several of a cluster.
 * @param onNotice told when the connection is lost, and when it is there again.
 * @throws InputError where no server answers, or it has no JetStream.
 */
export async function connectNats(
  servers: string | readonly string[],
  onNotice: (sentence: string) => void = () => {},
): Promise<NatsConnection> {
  return (await import("./connection.js")).connectNats(servers, onNotice);
}

/**
 * A stream of NATS JetStream as a source.
 *
 * An ordered consumer reads it, from the message behind the position: it is made anew whenever the
 * connection or the server was lost, and goes on behind the last message that came. So the checkpoint
 * alone says where the source stands. A durable consumer with acknowledgements would say it a second
 * time, on the server; after a kill its messages come again only when `ack_wait` is over, behind newer
 * ones. Streams that forget what is acknowledged (work queues, interest) are refused.
 *
 * @throws InputError where no stream has the subjects.
 */
export async function natsSource(options: NatsSourceOptions): Promise<Source<NatsPosition>> {
  return (await import("./stream-source.js")).natsSource(options);
}

/**
 * Publishes predictions to a subject of a JetStream stream as JSON: `{ "source": "ITEMS", "sequence": 17,
 * "id": "17", "label": 3, "labels": [3], "probabilities": [...] }`, the probabilities row by row; in regression
 * `values` in place of the last three. The
 * message's id says source and place, so the stream drops the second copies that come after a restart,
 * within its window of duplicates; whoever reads knows later ones by `sequence`.
 */
export function natsPredictions(connection: NatsConnection, subject: string): PredictionSink {
  let sink: PredictionSink | undefined;
  return async (prediction) => {
    sink ??= (await import("./prediction-sink.js")).natsPredictions(connection, subject);
    return sink(prediction);
  };
}

/**
 * Publishes items and labels to a subject of a JetStream stream, one after the other, in parts where
 * one is larger than the server takes, and waits until all are stored.
 *
 * @throws InputError where no stream takes the subject, or it refuses a message.
 */
export async function publishItems(
  connection: NatsConnection,
  subject: string,
  items: Iterable<PublishedItem> | AsyncIterable<PublishedItem>,
  options: PublishOptions = {},
): Promise<Published> {
  return (await import("./publish.js")).publishItems(connection, subject, items, options);
}
