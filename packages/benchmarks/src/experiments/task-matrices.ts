import type { StateParts } from "@ferret-ocl/pipeline/engine";
import type { AccuracyMatrix } from "../metrics/accuracy-matrix.js";
import type { TaskAccuracies } from "./task-accuracies.js";

/** The two accuracy matrices of a stream of tasks while they are measured, row by row; saved with the run. */
export class TaskMatrices {
  readonly #tasks: number;
  readonly #rows = new Int32Array(1);
  readonly #overall: Float64Array;
  readonly #within: Float64Array;

  /** For so many tasks: one row before the first and one after each. */
  constructor(tasks: number) {
    this.#tasks = tasks;
    this.#overall = new Float64Array(tasks * (tasks + 1));
    this.#within = new Float64Array(tasks * (tasks + 1));
  }

  /** Rows that are there. */
  get rows(): number {
    return this.#rows[0] as number;
  }

  add({ overall, within }: TaskAccuracies): void {
    const place = this.rows * this.#tasks;
    this.#overall.set(overall, place);
    this.#within.set(within, place);
    this.#rows[0] = this.rows + 1;
  }

  /** The class is predicted among all classes. */
  get overall(): AccuracyMatrix {
    return this.#matrix(this.#overall);
  }

  /** The class is predicted among those of the sample's task. */
  get within(): AccuracyMatrix {
    return this.#matrix(this.#within);
  }

  /** For a checkpoint. */
  get parts(): StateParts {
    return { rows: this.#rows, overall: this.#overall, within: this.#within };
  }

  #matrix(values: Float64Array): AccuracyMatrix {
    const row = (index: number) =>
      Array.from(values.subarray(index * this.#tasks, (index + 1) * this.#tasks));
    return Array.from({ length: this.rows }, (_, index) => row(index));
  }
}
