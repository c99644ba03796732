/** A layer as the native stage programs take it; shapes are those of one sample, channels last. */
export interface NativeStageLayer {
  readonly kind: "dense" | "conv2d" | "maxPooling2d" | "averagePooling2d" | "flatten";
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Height and width of the window; default 1. */
  readonly kernel?: readonly [number, number];
  readonly strides?: readonly [number, number];
  /** Padding rows above and columns to the left; default 0. */
  readonly before?: readonly [number, number];
  /** Padding rows below and columns to the right; default 0. */
  readonly after?: readonly [number, number];
  readonly bias?: boolean;
  /** Rectify the output, fused into the layer. */
  readonly relu?: boolean;
}

/**
 * A stage compiled for one batch size: its operations are bound once, and a call works only in the
 * buffers it is handed. Float buffers are dense, channels last, at least as long as needed; the
 * parameters are one vector, layer by layer, kernel ([in, out] or [height, width, in, out]) then
 * bias. A program belongs to the thread that compiled it.
 */
export interface NativeStageProgram {
  readonly parameterCount: number;
  readonly inputCount: number;
  readonly outputCount: number;
  readonly savedBytes: number;
  readonly scratchBytes: number;
  /** Scratch beyond the two halves that hold activations and gradients. */
  readonly operationScratchBytes: number;
  /** Writes `output` and, for a later backward pass, `saved`; either may be null, not both. */
  forward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array | null,
    output: Float32Array | null,
    scratch: Uint8Array,
  ): void;
  /**
   * Overwrites `parameterGradient` and, unless null, `inputGradient` (which may be `input`
   * itself); leaves `outputGradient` undefined.
   */
  backward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    parameterGradient: Float32Array,
    scratch: Uint8Array,
  ): void;
}

/** Compiles stages on oneDNN. */
export interface NativePrograms {
  /** Version of oneDNN. */
  readonly oneDnn: string;
  /** @throws Error where oneDNN cannot run a layer; TypeError where it is malformed. */
  compile(layers: readonly NativeStageLayer[], batch: number): NativeStageProgram;
}

/** What the addon exports for stage programs. */
export interface NativeProgramBinding {
  StageProgram: new (
    layers: readonly NativeStageLayer[],
    batch: number,
  ) => Omit<NativeStageProgram, "forward" | "backward">;
  programForward(program: object, ...buffers: (Float32Array | Uint8Array | null)[]): void;
  programBackward(program: object, ...buffers: (Float32Array | Uint8Array | null)[]): void;
}

/** Wraps the addon's exports; `oneDnn` is the version it was built with. */
export function createPrograms(binding: NativeProgramBinding, oneDnn: string): NativePrograms {
  const { programForward, programBackward } = binding;
  return {
    oneDnn,
    compile(layers, batch) {
      const program = new binding.StageProgram(layers, batch);
      const { parameterCount, inputCount, outputCount } = program;
      const { savedBytes, scratchBytes, operationScratchBytes } = program;
      return {
        parameterCount,
        inputCount,
        outputCount,
        savedBytes,
        scratchBytes,
        operationScratchBytes,
        forward(parameters, input, saved, output, scratch) {
          programForward(program, parameters, input, saved, output, scratch);
        },
        backward(parameters, input, saved, outputGradient, inputGradient, gradient, scratch) {
          programBackward(
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
      };
    },
  };
}
