import type { RankOneKernels, SecantKernels, VectorKernels } from "@ferret-ocl/compensation";
import type { DeviceBuffer, DeviceStream } from "./device-stream.js";

type Stream = DeviceStream;
type Buffer = DeviceBuffer;

type OnDevice<Argument> = Argument extends Float32Array | Float64Array
  ? Buffer
  : Argument extends readonly Float32Array[]
    ? Buffer[]
    : Argument;

type DeviceArguments<Arguments extends readonly unknown[]> = {
  [Place in keyof Arguments]: OnDevice<Arguments[Place]>;
};

/** Kernels that have the same arguments on the processor, without the stream. */
type SharedKernels = {
  [Name in Exclude<
    keyof VectorKernels,
    keyof SecantKernels | keyof RankOneKernels | "squaredNorm"
  >]-?: (
    stream: Stream,
    ...call: DeviceArguments<Parameters<NonNullable<VectorKernels[Name]>>>
  ) => void;
};

/**
 * The kernels of a device. Each call queues one pass over memory in a stream and returns at once.
 * The buffers of a call are on the stream's device and have the same length; any alignment works,
 * but they are fastest if all have the same offset from a multiple of 16 bytes. What a call writes
 * is another array, or the whole of one that it reads, never a part of one. `sums` and `state` are
 * float64 buffers of exactly the length stated.
 *
 * The methods are those of `VectorKernels`, which documents the formulas, and a few more; `versions`
 * are 1 to 128, oldest first, and `sums` has as many doubles as there.
 *
 * @throws TypeError for a buffer that has been freed, is on another device, has another length or
 * overlaps another one.
 */
export interface DeviceKernels extends SharedKernels {
  /**
   * All of Iter-Fisher in one pass (arXiv 2503.12053, Eq. 5-12): both averages, their sums, the
   * repair over all of 2 to 128 versions, `destination = newest - learningRate * repaired`, lambda
   * for the next update, and the publication. `destination` may be any of the versions.
   *
   * `state` holds lambda, the number of gradients that were not finite, 1 if the averages count as
   * 0 in the next update, and the number of versions published: start it as `[lambda, 0, 1, 0]`.
   * The repair uses the lambda that the previous update left, since one pass cannot wait for its
   * own sums.
   */
  iterativeFisherStep(
    stream: Stream,
    destination: Buffer,
    gradient: Buffer,
    versions: Buffer[],
    residualAverage: Buffer,
    fisherAverage: Buffer,
    emaDecay: number,
    lambdaRate: number,
    lambdaPenalty: number,
    learningRate: number,
    state: Buffer,
  ): void;

  /** `gradient / (1 + strength delay)`; strength is the assumed curvature times the step. */
  delayAdaptive(
    stream: Stream,
    destination: Buffer,
    gradient: Buffer,
    newest: Buffer,
    strength: number,
    delay: number,
    step: number,
  ): void;

  /** `meanSquare = decay meanSquare + (1 - decay) gradient gradient` */
  fisherDiagonal(stream: Stream, meanSquare: Buffer, gradient: Buffer, decay: number): void;

  /** `sums` of 1. */
  squaredNorm(stream: Stream, gradient: Buffer, sums: Buffer): void;
}
