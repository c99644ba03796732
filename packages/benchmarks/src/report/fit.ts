import { printable } from "../printable.js";

/** Columns of a terminal that a table may take where nothing wider is known. */
const usualWidth = 80;

/**
 * A table as wide as a terminal: where its columns do not fit beside each other, those that are left
 * follow in a table below, which begins with the first column again.
 *
 * @param groups how many columns behind the first one belong together, and are kept so where that is
 *   possible; default: each stands for itself.
 */
export function fitColumns(
  rows: readonly (readonly string[])[],
  groups: readonly number[] = [],
  width: number = usualWidth,
): string {
  const count = (rows[0] as readonly string[]).length;
  const table = (columns: readonly number[]) =>
    alignColumns(rows.map((row) => [0, ...columns].map((column) => row[column] as string)));
  const fits = (columns: readonly number[]) =>
    table(columns)
      .split("\n")
      .every((line) => line.length <= width);
  const parts: number[][] = [[]];
  const add = (columns: readonly number[]): void => {
    const last = parts.at(-1) as number[];
    if (fits([...last, ...columns])) last.push(...columns);
    else if (columns.length > 1 && !fits(columns)) for (const column of columns) add([column]);
    else if (last.length === 0) last.push(...columns);
    else parts.push([...columns]);
  };
  let next = 1;
  for (const size of [...groups, ...Array<number>(count).fill(1)]) {
    if (next >= count) break;
    add(Array.from({ length: Math.min(size, count - next) }, (_, index) => next + index));
    next += size;
  }
  return parts.map(table).join("\n\n");
}

/** Lines up cells in columns: the first one to the left, the others to the right. */
export function alignColumns(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map((cell) => printable(cell)));
  const widths = (rows[0] as readonly string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
