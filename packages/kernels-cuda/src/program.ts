/** `alpha`, at least 0: what is below 0 becomes alpha x (`leakyRelu`) or alpha (e^x - 1) (`elu`). */
export type NativeActivation =
  | "linear"
  | "relu"
  | "relu6"
  | "tanh"
  | "sigmoid"
  | "gelu"
  | { readonly name: "leakyRelu" | "elu"; readonly alpha: number };

/**
 * A layer in the form that native stage programs take; shapes are those of one sample, channels
 * last.
 */
export interface NativeStageLayer {
  readonly kind:
    | "dense"
    | "conv2d"
    | "depthwiseConv2d"
    | "maxPooling2d"
    | "averagePooling2d"
    | "globalAveragePooling2d"
    | "flatten"
    | "activation"
    | "dropout"
    | "batchNormalization"
    | "instanceNormalization"
    | "groupNormalization"
    | "layerNormalization"
    | "residual";
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Height and width of the window; default 1. */
  readonly kernel?: readonly [number, number];
  readonly strides?: readonly [number, number];
  /** Padding rows above and columns to the left; default 0. */
  readonly before?: readonly [number, number];
  /** Padding rows below and columns to the right; default 0. */
  readonly after?: readonly [number, number];
  /** Convolutions: pixels from one tap of the window to the next; default 1. */
  readonly dilations?: readonly [number, number];
  /** `conv2d`, `groupNormalization`: groups of channels, each handled separately; default 1. */
  readonly groups?: number;
  readonly bias?: boolean;
  /** Applied to the output; default linear. `gelu` only where `kind` is `activation`. */
  readonly activation?: NativeActivation;
  /** Normalisation: added to the variance; default 1e-3. */
  readonly epsilon?: number;
  /** Batch normalisation: share that a moving statistic keeps in an update; default 0.99. */
  readonly momentum?: number;
  /** Normalisation: whether there is a gamma; default true. */
  readonly scale?: boolean;
  /** Normalisation: whether there is a beta; default true. */
  readonly center?: boolean;
  /** Dropout: share of the values that become 0 while learning, below 1; default 0. */
  readonly rate?: number;
  /** Dropout: together with a pass's `draw`, determines which; a 32-bit whole number; default 0. */
  readonly seed?: number;
  /** The paths of a residual block; an empty or absent shortcut is the identity. */
  readonly main?: readonly NativeStageLayer[];
  readonly shortcut?: readonly NativeStageLayer[];
}

/**
 * A stage compiled for one batch size: its operations are bound once, and a call works only in the
 * buffers that it is given. Float buffers are dense, channels last, at least as long as needed; the
 * parameters are one vector, layer by layer: kernel ([in, out], [height, width, in / groups, out]
 * or [height, width, in, out / in]) then bias; gamma, beta, moving mean, moving variance; the
 * layers of a residual block's main path, then its shortcut's. A program belongs to the thread that
 * compiled it.
 */
export interface NativeStageProgram {
  readonly parameterCount: number;
  readonly inputCount: number;
  readonly outputCount: number;
  readonly savedBytes: number;
  /** What `backwardInput` keeps for `backwardWeights`. */
  readonly pendingBytes: number;
  readonly scratchBytes: number;
  /** Scratch beyond the two halves that hold activations and gradients. */
  readonly operationScratchBytes: number;
  /**
   * Writes `output` and, for a later backward pass, `saved`; either may be null, not both.
   * @param draw determines what dropout drops, a whole number from 0 (default) to 2^53.
   */
  forward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array | null,
    output: Float32Array | null,
    scratch: Uint8Array,
    draw?: number,
  ): void;
  /**
   * Only for programs that learn. Overwrites `parameterGradient` and, unless null, `inputGradient`
   * (which may be `input` itself); leaves `outputGradient` undefined. Returns a bound on the
   * magnitudes of the gradient's values: infinite if one is NaN or above 1e18, where weights and
   * squares of gradients would eventually leave the range of float32.
   */
  backward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    parameterGradient: Float32Array,
    scratch: Uint8Array,
  ): number;
  /**
   * The same with a step of gradient descent in place of the gradient: `destination = source -
   * learningRate * gradient`, and for a batch normalisation's moving statistics `source - (1 -
   * momentum) * gradient`. `source`, `destination` and `parameters` may be the same vector.
   *
   * Returns the bound that `backward` returns; it is infinite also if a step, learningRate *
   * gradient, would be above 1e18. In that case no weight was written that is not finite, but
   * `destination` must not be used: the layers whose gradients are wrong have been left out. If an
   * activation that a dense layer reads is already above 1e18, nothing has been written.
   */
  backwardUpdate(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    source: Float32Array,
    destination: Float32Array,
    learningRate: number,
    scratch: Uint8Array,
  ): number;
  /**
   * The backward pass in two parts. This one writes the gradient at the input (unless null) and
   * overwrites `pending`; afterwards only `pending` and `saved` must stay as they are.
   */
  backwardInput(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    pending: Uint8Array,
    scratch: Uint8Array,
  ): void;
  /**
   * The second part overwrites `parameterGradient` with what `backward` gives, bit for bit, and
   * returns its bound.
   */
  backwardWeights(
    saved: Uint8Array,
    pending: Uint8Array,
    parameterGradient: Float32Array,
    scratch: Uint8Array,
  ): number;
}

/** Compiles stages on oneDNN. */
export interface NativePrograms {
  /** Version of oneDNN. */
  readonly oneDnn: string;
  /** What the binary was compiled for, as in the report of {@link loadKernels}. */
  readonly instructionSet: string;
  /**
   * @param mode `learn` (default) normalises by the statistics of the batch; `predict` by the
   * moving ones, runs forward only and keeps nothing (`savedBytes` is 0).
   * @throws Error if oneDNN cannot run a layer; TypeError if it is malformed.
   */
  compile(
    layers: readonly NativeStageLayer[],
    batch: number,
    mode?: "learn" | "predict",
  ): NativeStageProgram;
}

/** What the addon exports for stage programs. */
export interface NativeProgramBinding {
  StageProgram: new (
    layers: readonly NativeStageLayer[],
    batch: number,
    mode: "learn" | "predict",
  ) => Omit<
    NativeStageProgram,
    "forward" | "backward" | "backwardUpdate" | "backwardInput" | "backwardWeights"
  >;
  programForward(
    program: object,
    ...buffersAndDraw: (Float32Array | Uint8Array | number | null)[]
  ): void;
  programBackward(program: object, ...buffers: (Float32Array | Uint8Array | null)[]): number;
  programBackwardUpdate(
    program: object,
    ...buffersAndRate: (Float32Array | Uint8Array | number | null)[]
  ): number;
  programBackwardInput(program: object, ...buffers: (Float32Array | Uint8Array | null)[]): void;
  programBackwardWeights(program: object, ...buffers: (Float32Array | Uint8Array)[]): number;
}

/** Wraps the addon's exports, and what it was built with. */
export function createPrograms(
  binding: NativeProgramBinding,
  built: { readonly oneDnn: string; readonly instructionSet: string },
): NativePrograms {
  const { programForward, programBackward, programBackwardUpdate } = binding;
  const { programBackwardInput, programBackwardWeights } = binding;
  return {
    oneDnn: built.oneDnn,
    instructionSet: built.instructionSet,
    compile(layers, batch, mode = "learn") {
      const program = new binding.StageProgram(layers, batch, mode);
      const { parameterCount, inputCount, outputCount } = program;
      const { savedBytes, pendingBytes, scratchBytes, operationScratchBytes } = program;
      return {
        parameterCount,
        inputCount,
        outputCount,
        savedBytes,
        pendingBytes,
        scratchBytes,
        operationScratchBytes,
        forward(parameters, input, saved, output, scratch, draw = 0) {
          programForward(program, parameters, input, saved, output, scratch, draw);
        },
        backward(parameters, input, saved, outputGradient, inputGradient, gradient, scratch) {
          return programBackward(
            program,
            parameters,
            input,
            saved,
            outputGradient,
            inputGradient,
            gradient,
            scratch,
          );
        },
        backwardUpdate(
          parameters,
          input,
          saved,
          outputGradient,
          inputGradient,
          source,
          destination,
          learningRate,
          scratch,
        ) {
          return programBackwardUpdate(
            program,
            parameters,
            input,
            saved,
            outputGradient,
            inputGradient,
            source,
            destination,
            learningRate,
            scratch,
          );
        },
        backwardInput(parameters, input, saved, outputGradient, inputGradient, pending, scratch) {
          programBackwardInput(
            program,
            parameters,
            input,
            saved,
            outputGradient,
            inputGradient,
            pending,
            scratch,
          );
        },
        backwardWeights(saved, pending, gradient, scratch) {
          return programBackwardWeights(program, saved, pending, gradient, scratch);
        },
      };
    },
  };
}
