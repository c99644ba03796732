// Figures of a run of tasks, from accuracies [after so many tasks][task].

/** Mean accuracy over all tasks at the end. */
export const finalAccuracy = (matrix) => mean(matrix.at(-1));

/** What each task but the last lost of its best (Chaudhry et al. 2018, Eq. 3), mean over them. */
export function forgetting(matrix) {
  const last = matrix.length - 1;
  return mean(
    matrix[last].slice(0, -1).map((end, task) => {
      const before = matrix.slice(task + 1, last).map((row) => row[task]);
      return Math.max(...before) - end;
    }),
  );
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** As `95.2 ± 0.1`: the mean and its standard error. */
export function shown(values) {
  const middle = mean(values);
  const squares = values.map((value) => (value - middle) ** 2);
  const error = Math.sqrt(squares.reduce((sum, each) => sum + each, 0) / (values.length - 1));
  const spread = values.length > 1 ? ` ± ${(error / Math.sqrt(values.length)).toFixed(1)}` : "";
  return `${middle.toFixed(1)}${spread}`;
}
