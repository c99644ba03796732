import type { Labels, Samples, Targets } from "@ferret-ocl/pipeline";

/**
 * What comes from a source: an item with its label is predicted, then learned; an item alone is
 * predicted and waits for its label under its id; a label alone is that of the item with this id.
 *
 * ```
 *   { x, y }     predicted, then learned
 *   { id, x }    predicted, waits
 *   { id, y }    the item that waits under the id is learned
 *   { fault }    cannot be read: counted and told, never learned
 * ```
 */
export interface SourceMessage<Position = unknown> {
  /**
   * Where the source stands once the message is taken in, as plain data: `read` goes on behind it.
   * Left out, it stands where it stood.
   */
  readonly position?: Position | undefined;
  /** Samples: one, or several one after the other. */
  readonly x?: Samples | undefined;
  /** A label for each sample; in regression its values. */
  readonly y?: Labels | Targets | undefined;
  /** What a label that comes later calls the item. */
  readonly id?: string | undefined;
  /** Why the message cannot be read, in one sentence. */
  readonly fault?: string | undefined;
}

/**
 * Where a stream comes from: a file, a generator, a broker. The position is kept in the checkpoint, so
 * what lies behind it comes again after a restart, and nothing before it.
 */
export interface Source<Position = unknown> {
  /** Under which the checkpoint keeps its position; of all sources of a service another one. */
  readonly name: string;
  /**
   * Messages in their order, from the one behind a position; undefined: from the beginning.
   * @param signal aborted when no more messages are wanted.
   * @throws InputError where what the position stands for is no longer there.
   */
  read(after: Position | undefined, signal: AbortSignal): AsyncIterable<SourceMessage<Position>>;
  /** Called when a checkpoint with this position is on disk, so all up to it may be forgotten. */
  acknowledge?(position: Position): void | Promise<void>;
}

/** What was predicted for n samples: of classes or of values. */
export type Predicted =
  | {
      /** Class of each sample, [n]. */
      readonly labels: Int32Array;
      /** [n, classes] */
      readonly probabilities: Float32Array;
      readonly values?: undefined;
    }
  | {
      /** [n, outputs] */
      readonly values: Float32Array;
      readonly labels?: undefined;
      readonly probabilities?: undefined;
    };

/** What was predicted for the samples of a message before they were learned. */
export type StreamPrediction = Predicted & {
  /** Name of the source. */
  readonly source: string;
  /** That of the message. */
  readonly position: unknown;
  readonly id: string | undefined;
};

/**
 * Where predictions go. After a restart those since the last checkpoint come a second time, with the
 * same position. A checkpoint is not written before all up to it have been taken.
 */
export type PredictionSink = (prediction: StreamPrediction) => void | Promise<void>;
