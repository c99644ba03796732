/** What a compensator may know of the moment at which a gradient is applied. */
export interface CompensationContext {
  /**
   * tau: gradients that were taken in between the weights that a gradient was computed with and its
   * own turn. Where each makes an update of its own, that is the updates in between.
   */
  readonly staleness: number;
  readonly learningRate: number;
  /**
   * Those of them that wait for an update (gradients are gathered), so that the newest weights do not
   * hold them; default 0.
   */
  readonly pending?: number | undefined;
  /**
   * Where steps are not those of plain gradient descent: how far a gradient moves the weights in
   * all, in learning rates; 1 / (1 - mu) with momentum mu. Undefined: plain descent, a step is
   * `learningRate` times the gradient.
   */
  readonly stepFactor?: number | undefined;
}

/**
 * What `update` is called with, of arrays and of tensors alike. A loop that is not to allocate keeps
 * one such object and changes it: a compensator keeps nothing of it but the state.
 */
export interface LateGradient<State = unknown, Values = Float32Array> extends CompensationContext {
  /** Of as many parameters as the state is for. An array is changed in place. */
  readonly gradient: Values;
  /**
   * Parameters, oldest first: the version that the gradient was computed with, those in between that
   * are still held, and the newest last. Only read.
   */
  readonly versions: readonly Values[];
  /** What `init` gave; updated. */
  readonly state: State;
}

/** What `step` is called with. */
export interface LateStep<State = unknown> extends LateGradient<State> {
  /** As long as the gradient; may be the newest version itself. */
  readonly destination: Float32Array;
}

/**
 * A matrix among the parameters, rows * columns floats in row-major order: the kernel of a dense or
 * convolutional layer, one column an output. A bias that follows it is one more row.
 */
export interface ParameterMatrix {
  /** Floats from the start of the parameters. */
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/** Where a state's memory comes from. */
interface StateMemory {
  /** Gives a zeroed Float32Array of a length; default: a plain one. */
  readonly allocate?: ((length: number) => Float32Array) | undefined;
  /**
   * Gives a few zeroed numbers; default: a plain Float64Array.
   * @param of the parameters that they are about; default all. Who saves a state by layers and cuts
   *   the model anew goes by it.
   */
  readonly numbers?: ((count: number, of?: ParameterSpan) => Float64Array) | undefined;
}

/** Parameters in a row. */
export interface ParameterSpan {
  /** Floats from the start of the parameters. */
  readonly offset: number;
  readonly length: number;
}

/** The parameters that a state is for: all that lie in one vector. */
export interface ParameterSpace extends StateMemory {
  readonly parameterCount: number;
  /**
   * Matrices among them, by offset and apart from each other; `secant` does better where it knows
   * them. Default: none known.
   */
  readonly matrices?: readonly ParameterMatrix[] | undefined;
}

/** The parameters that a state is for: one array or tensor of a shape. */
export interface ParameterShape extends StateMemory {
  /**
   * One of two dimensions or more is a matrix, its last dimension the columns, one column an output
   * of its layer.
   */
  readonly shape: readonly number[];
}

/**
 * Repairs a stale gradient before it is applied: two functions and explicit state. One state
 * serves one vector of parameters (in a pipeline: one stage).
 */
export interface Compensator<State = unknown> {
  readonly name: string;
  /** How many vectors as long as the parameters `init` asks `allocate` for. */
  readonly stateVectors: number;
  /**
   * k, for a planner that weighs methods against each other: as fitted to runs of asynchronous
   * pipelines by plain descent, a gradient that comes d gradients late is worth 1 / (1 + k d) of a
   * fresh one. Undefined where that was not measured.
   */
  readonly stalenessCost?: number;
  /** k behind other optimizers, by name, as the planner counts it there: those that were measured. */
  readonly stalenessCostBehind?: Readonly<Record<string, number>>;
  /**
   * Floats that it reads and writes for each parameter at a gradient, the step of plain descent
   * included, for a model of the time that takes. Undefined where nobody has counted them.
   */
  readonly floatsMoved?: number;
  /**
   * False where it is for updates of one gradient each: of those that are gathered before an update it
   * repairs too little. Default true.
   */
  readonly takesGroups?: boolean;
  /**
   * True where `update` leaves every gradient as it is and keeps no state, so that a trainer may
   * join its step to the backward pass and never have the gradient in memory.
   */
  readonly leavesGradients?: boolean;
  /**
   * True where gradients up to 1e18, with weights that are finite, are repaired to finite ones by
   * `update` and `step` whatever came before. A trainer looks at what comes out of any other, and
   * does not have it make the step.
   */
  readonly staysFinite?: boolean;

  /**
   * Everything that `update` changes lies in arrays from `allocate` and `numbers`, so that several
   * threads can hold one state: each calls `init` with functions that give the same memory.
   */
  init(parameters: ParameterSpace): State;

  /**
   * Replaces the gradient by an estimate of the gradient at the newest version, and gives it back.
   * Allocates nothing.
   */
  update(late: LateGradient<State>): Float32Array;

  /**
   * `update` and a step of gradient descent from the newest version in one pass, where that spares
   * one: `destination = newest - learningRate * repaired gradient`. Leaves `gradient` undefined.
   * A compensator whose kernels cannot do this has no such method.
   */
  step?(late: LateStep<State>): void;

  /** Gradients so far that were not trusted and so passed on as they came. */
  faults?(state: State): number;
}
