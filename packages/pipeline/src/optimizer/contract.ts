/**
 * Makes new weights from a gradient. One state serves one vector of parameters: in a pipeline one
 * stage, whose updates come one after the other.
 */
export interface Optimizer<State = unknown> {
  readonly name: string;
  /** How many vectors as long as the parameters `init` asks `allocate` for. */
  readonly vectors: number;
  /**
   * True where a step is `newest - learningRate * gradient` and nothing is kept, so that a trainer
   * may join it to the backward pass or to the repair of the gradient.
   */
  readonly isPlain?: boolean;

  /**
   * Everything that `step` changes besides `destination` is in arrays from the two functions, so
   * that several threads can share one state: each calls `init` with functions that return the same
   * memory.
   *
   * @param parameterCount length of the parameter vector.
   * @param allocate gives a zeroed Float32Array of a length.
   * @param numbers gives a few zeroed numbers.
   */
  init(
    parameterCount: number,
    allocate: (length: number) => Float32Array,
    numbers: (count: number) => Float64Array,
  ): State;

  /**
   * How far a gradient moves the weights in all, in learning rates, for compensators: 1 / (1 - mu)
   * with momentum mu. Only of one that is not plain.
   */
  stepFactor?(state: State): number;

  /**
   * One update. Allocates nothing. A gradient that is 0 from the first step on never moves its
   * parameter.
   *
   * @param destination [parameterCount], gets the new weights; may be `newest` itself.
   * @param newest [parameterCount], what the step is taken from.
   * @param gradient [parameterCount], only read; of gathered gradients their sum.
   * @param state what `init` gave; updated.
   */
  step(
    destination: Float32Array,
    newest: Float32Array,
    gradient: Float32Array,
    state: State,
    learningRate: number,
  ): void;
}
