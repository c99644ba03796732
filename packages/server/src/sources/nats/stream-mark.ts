import type { StreamInfo } from "@nats-io/jetstream";
import { InputError } from "../../errors.js";
import type { OpenBatches } from "./parts.js";

/** Where a source stands in a stream. */
export interface NatsPosition {
  readonly stream: string;
  /** When the stream was made: another one of the same name has another time. */
  readonly created: string;
  /** Of the last message that was taken in. */
  readonly sequence: number;
  /** Messages of which a part has come before it, and others come behind it. */
  readonly open?: OpenBatches;
}

/** The first sequence that is needed to go on. */
export function firstNeeded({ sequence, open }: NatsPosition): number {
  return Math.min(sequence + 1, ...Object.values(open ?? {}));
}

/** What to do, for every error about a position. */
const remedy =
  "bring the stream back, or begin anew with another state folder (and, to learn what is left, with gaps accepted)";

/**
 * Checks that a stream is the one in which a position was kept, and still has what comes behind it. A
 * server gives what it has without a word, whatever place it is asked for.
 *
 * @throws InputError that names both.
 */
export function expectSameStream(
  info: StreamInfo,
  position: NatsPosition,
  acceptsGaps: boolean,
): void {
  const { created, state } = info;
  const { stream, sequence } = position;
  if (info.config.name !== stream)
    throw new InputError(
      `Expected stream ${stream}, as the checkpoint says, but it is ${info.config.name}; ${remedy}`,
    );
  if (created !== position.created)
    throw new InputError(
      `Expected stream ${stream} made at ${position.created}, as the checkpoint says, but the one that is ` +
        `there was made at ${created}; ${remedy}`,
    );
  if (state.last_seq < sequence)
    throw new InputError(
      `Expected stream ${stream} to have message ${sequence}, as the checkpoint says, but its last is ` +
        `${state.last_seq}; ${remedy}`,
    );
  const needed = firstNeeded(position);
  if (state.first_seq > needed && !acceptsGaps)
    throw new InputError(
      `Expected stream ${stream} to go on at message ${needed} but its first is ${state.first_seq}: ` +
        `those before it were purged or pushed out; ${remedy}`,
    );
}
