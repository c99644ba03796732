import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { InputError } from "../errors.js";
import type { PredictionSink, Source } from "../sources/contract.js";
import { connectNats } from "../sources/nats/connection.js";
import { natsPredictions } from "../sources/nats/prediction-sink.js";
import { natsSource } from "../sources/nats/stream-source.js";
import { matcher } from "../sources/nats/subjects.js";
import type { FollowSetting, Place } from "./options.js";

/** What is followed of a NATS server, and where predictions go. */
interface OpenedNats {
  readonly connection: NatsConnection;
  readonly sources: readonly Source[];
  readonly predictions: PredictionSink | undefined;
}

/** @throws InputError where the server, a stream or a subject is not there. */
export async function openNats(
  nats: NonNullable<FollowSetting["nats"]>,
  onNotice: (sentence: string) => void,
): Promise<OpenedNats> {
  const connection = await connectNats(nats.url, onNotice);
  try {
    const sources = await natsSources(connection, nats, onNotice);
    const { predictions } = nats;
    return {
      connection,
      sources,
      predictions:
        predictions === undefined ? undefined : await sinkAt(connection, predictions, nats),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** One source of a stream that has both, so that items and labels stay in their order. */
async function natsSources(
  connection: NatsConnection,
  { items, labels, gaps }: NonNullable<FollowSetting["nats"]>,
  onNotice: (sentence: string) => void,
): Promise<Source[]> {
  const shared = { connection, gaps, onNotice };
  const open = async (places: readonly Place[]) => {
    const stream = places.find((place) => place.stream)?.stream;
    const subjects = places.map(({ subject }) => subject);
    return natsSource({ ...shared, subjects, ...(stream !== undefined && { stream }) });
  };
  const first = await open([items]);
  if (!labels) return [first as Source];
  const second = await open([labels]);
  if (first.name !== second.name) return [first as Source, second as Source];
  return [(await open([items, labels])) as Source];
}

/** @throws InputError where no stream keeps them, or they would be followed themselves. */
async function sinkAt(
  connection: NatsConnection,
  subject: string,
  { items, labels }: NonNullable<FollowSetting["nats"]>,
): Promise<PredictionSink> {
  const followed = [items, labels].flatMap((place) => (place ? [place.subject] : []));
  if (matcher(followed)(subject))
    throw new InputError(
      `Expected another subject for --predictions than what is followed, ` +
        `${followed.join(" and ")}, but received ${subject}; choose one of another stream`,
    );
  try {
    await (await jetstreamManager(connection)).streams.find(subject);
  } catch (error) {
    throw new InputError(
      `Expected a stream that has the subject ${subject} for --predictions but got: ` +
        `${(error as Error).message}; make one: nats stream add`,
      { cause: error },
    );
  }
  return natsPredictions(connection, subject);
}
