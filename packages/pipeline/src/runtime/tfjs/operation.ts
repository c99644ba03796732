import type * as TensorFlow from "@tensorflow/tfjs";

export type Tf = typeof TensorFlow;
export type Tensor = TensorFlow.Tensor;

/** What the backward pass of an operation gets. */
interface BackwardInputs {
  /** Null where it is not kept: for the kinds whose gradients are not made from it. */
  readonly input: Tensor | null;
  readonly parameters: readonly Tensor[];
  /** What the forward pass wrote to `kept`. */
  readonly kept: Float32Array;
  readonly outputGradient: Tensor;
  readonly wantsInput: boolean;
  /** False where the gradients at the parameters are left for later. */
  readonly wantsParameters: boolean;
}

/**
 * What a layer computes before its activation, and the gradients of that. Tensors are
 * [batch, ...shape], channels last; `parameters` come in the order of the layer's tensors.
 */
export interface Operation {
  /**
   * @param kept takes what the backward pass needs beside the input; null where none follows.
   * @param draw the pass's number, for what is drawn at random.
   */
  forward(
    input: Tensor,
    parameters: readonly Tensor[],
    kept: Float32Array | null,
    draw: number,
  ): Tensor;
  /**
   * What `forward` gave, once more and bit for bit, from the input and `kept`: for the kinds whose
   * output is not kept itself.
   */
  makeAgain?(input: Tensor, kept: Float32Array): Tensor;
  /**
   * Gradients at the input (null unless wanted) and at each parameter tensor (none unless wanted;
   * an operation that needs them for the input's gives them anyway), by explicit kernels: unlike a
   * tape, they may run with any weights and any input. Without the input's, `parameters` may be
   * empty.
   */
  backward(inputs: BackwardInputs): { input: Tensor | null; parameters: Tensor[] };
}
