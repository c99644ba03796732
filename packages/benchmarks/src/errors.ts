/** Bad input from outside: the message says what was expected, what came and what to do. */
export class InputError extends Error {
  readonly code = "FERRET_INPUT";
  override readonly name = "InputError";
}

/** Whether the user can fix it: the message then says how. */
export function isInput(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "FERRET_INPUT";
}

/**
 * The known name that a misspelt one most likely means, or undefined if none is near: at most one
 * edit for every three letters (insertions, deletions, changes, swaps of neighbours), but at least
 * one is allowed; upper and lower case are the same.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Optimal string alignment distance: Levenshtein's with swaps of neighbours. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + +!same);
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length]!;
}
