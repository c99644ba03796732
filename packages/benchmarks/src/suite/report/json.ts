import type { SuiteReport } from "./contents.js";

/**
 * The report as plain data: the headline in bytes and percentage points, cells of tables with their units.
 * @param names parts to tell; default: all.
 */
export function reportData(
  { results, summary, cautions, absent, headline, parts }: SuiteReport,
  names?: readonly string[],
) {
  const tables = parts
    .filter(({ part }) => names?.includes(part.name) ?? true)
    .flatMap(({ part, tables }) =>
      tables.map(({ title, blocks }) => ({
        part: part.name,
        title,
        cells: blocks.flatMap(({ rows }) =>
          rows.flatMap(({ cells }) =>
            cells.flatMap((cell) => {
              if (!cell) return [];
              const { measure, estimate, isBound, ...place } = cell;
              return [
                {
                  ...place,
                  measure: measure.name,
                  unit: measure.unit,
                  mean: estimate?.mean ?? null,
                  error: estimate?.error ?? null,
                },
              ];
            }),
          ),
        ),
      })),
    );
  return { scale: results.scale, summary, cautions, absent, headline, tables };
}
