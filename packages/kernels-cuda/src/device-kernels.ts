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
 * The kernels of a device. Each call asks a stream for one pass over memory and comes back at once.
 * Buffers of a call lie on the stream's device and have one length; any alignment will do, but they
 * are fastest where all start alike to 16 bytes. What a call writes is another array, or all of one
 * that it reads, never a part of one. `sums` and `state` are float64 buffers of that very length.
 *
 * The methods are those of `VectorKernels`, where the formulas stand, and a few more; `versions` are 1 to
 * 128, oldest first, and `sums` as many doubles as there.
 *
 * @throws TypeError for a buffer that has been freed, lies on another device, has another length
 * or overlaps.
 */
export interface DeviceKernels extends SharedKernels {
  /**
   * Iter-Fisher whole in one pass (arXiv 2503.12053, Eq. 5-12): both averages, their sums, the
   * repair over all of 2 to 128 versions, `destination = newest - learningRate * repaired`, lambda
   * for the next update, and the publication. `destination` may be any of the versions.
   *
   * `state` holds lambda, the gradients that were not finite, 1 where the averages count as 0 in
   * the next update, and the versions published: start it as `[lambda, 0, 1, 0]`. The repair uses
   * the lambda that the update before left, since one pass cannot wait for its own sums.
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

  /** `gradient / (1 + strength delay)`, strength the curvature to reckon with times the step. */
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
