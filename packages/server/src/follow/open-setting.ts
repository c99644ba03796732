import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { InputError } from "../errors.js";
import type { Service } from "../service.js";
import type { PredictionSink, Source } from "../sources/contract.js";
import { lineSource } from "../sources/lines.js";
import { connectNats } from "../sources/nats/connection.js";
import { natsPredictions } from "../sources/nats/prediction-sink.js";
import { natsSource } from "../sources/nats/stream-source.js";
import { matcher } from "../sources/nats/subjects.js";
import type { Following, FollowOptions } from "./contract.js";
import { follow } from "./follow.js";
import type { FollowSetting, Place } from "./options.js";

/** A service that follows what a command line says. */
export interface FollowingSetting extends Following {
  /** Ends connections; belongs behind `ended`. */
  close(): Promise<void>;
}

/**
 * Begins to follow.
 * @throws InputError where a server, a stream or a subject is not there.
 */
export async function followSetting(
  service: Service,
  setting: FollowSetting,
  onNotice: (sentence: string) => void,
): Promise<FollowingSetting> {
  const { nats, lines, every, badMessages } = setting;
  const sources: Source[] = lines ? [lineSource(lines) as Source] : [];
  const connection = nats && (await connectNats(nats.url, onNotice));
  const close = async () => connection?.close();
  try {
    let predictions: PredictionSink | undefined;
    if (nats && connection) {
      sources.push(...(await natsSources(connection, nats, onNotice)));
      if (nats.predictions !== undefined)
        predictions = await sinkAt(connection, nats.predictions, nats);
    }
    if (service.state === undefined)
      onNotice(
        "No checkpoints are kept, so after a restart the stream comes from its beginning; name a folder of state",
      );
    const options: FollowOptions = { sources, every, badMessages, onNotice };
    const following = follow(service, { ...options, ...(predictions && { predictions }) });
    return {
      get counts() {
        return following.counts;
      },
      ended: following.ended,
      stop: () => following.stop(),
      close,
    };
  } catch (error) {
    await close();
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
