/**
 * Test accuracies of a stream of tasks, percentage points: `matrix[i][j]` on task j after i tasks
 * were learned. Row 0 is the untrained model, so there is one row more than columns.
 */
export type AccuracyMatrix = readonly (readonly number[])[];

/** Mean accuracy over all tasks at the end. */
export function finalAccuracy(matrix: AccuracyMatrix): number {
  return mean(matrix.at(-1) as readonly number[]);
}

/**
 * What each task but the last lost of the best accuracy that it had before the end
 * (Chaudhry et al. 2018, "Riemannian Walk", Eq. 3), mean over them; 0 for a single task.
 */
export function forgetting(matrix: AccuracyMatrix): number {
  const last = matrix.length - 1;
  return meanOver(range(0, last - 1), (task) => {
    const since = range(task + 1, last).map((row) => at(matrix, row, task));
    return Math.max(...since) - at(matrix, last, task);
  });
}

/**
 * What the tasks after it did to each task's accuracy (Lopez-Paz and Ranzato 2017, "Gradient
 * Episodic Memory", backward transfer): negative where tasks are forgotten.
 */
export function backwardTransfer(matrix: AccuracyMatrix): number {
  const last = matrix.length - 1;
  return meanOver(
    range(0, last - 1),
    (task) => at(matrix, last, task) - at(matrix, task + 1, task),
  );
}

/**
 * What the tasks before it did to each task's accuracy before it was learned, over that of the
 * untrained model (same source, forward transfer).
 */
export function forwardTransfer(matrix: AccuracyMatrix): number {
  const last = matrix.length - 1;
  return meanOver(range(1, last), (task) => at(matrix, task, task) - at(matrix, 0, task));
}

function at(matrix: AccuracyMatrix, row: number, task: number): number {
  return matrix[row]?.[task] as number;
}

/** Whole numbers from `first` to below `end`. */
function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
}

function meanOver(tasks: readonly number[], value: (task: number) => number): number {
  return tasks.length === 0 ? 0 : mean(tasks.map(value));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
