import type { SuiteReport } from "./contents.js";

const columns = [
  "part",
  "setting",
  "group",
  "contender",
  "measure",
  "unit",
  "mean",
  "standard_error",
  "runs",
  "wanted",
  "place",
  "collapsed",
] as const;

type Value = string | number | null;

/**
 * Every cell of every table in a line of its own, in full precision, and the headline's factors as part `headline`;
 * RFC 4180, lines end with CR LF.
 */
export function renderCsv(report: SuiteReport): string {
  const wanted = report.results.scale.seeds.length;
  const factors = report.headline.flatMap(({ setting, comparisons }) =>
    comparisons.map(({ schedule, factor, runs, collapsed }): Value[] => [
      ...["headline", setting, null, schedule, "memory_factor", null],
      ...[factor, null, runs, wanted, null, collapsed],
    ]),
  );
  const cells = report.parts.flatMap(({ part, tables }) =>
    tables.flatMap(({ blocks }) =>
      blocks.flatMap(({ rows }) =>
        rows.flatMap((row) =>
          row.cells.flatMap((cell): Value[][] => {
            if (!cell) return [];
            const { setting, group, contender, measure, estimate } = cell;
            return [
              [
                ...[part.name, setting, group, contender, measure.name, measure.unit],
                ...[estimate?.mean ?? null, estimate?.error ?? null],
                ...[cell.runs, cell.wanted, cell.place, cell.collapsed],
              ],
            ];
          }),
        ),
      ),
    ),
  );
  return [columns, ...factors, ...cells].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** Quoted where it must be; nothing is an empty field. */
function field(value: Value): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
