import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const digits = (value, count) => (value === null ? "-" : value.toPrecision(count));
const fixed = (value, count) => (value === null ? "-" : value.toFixed(count));

const columns = [
  ["model", (row) => row.model],
  ["batch", (row) => String(row.batch)],
  ["threads", (row) => String(row.threads)],
  ["ours ms", (row) => digits(row.oursMs, 3)],
  ["spread", (row) => digits(row.oursSpread, 2)],
  ["torch ms", (row) => digits(row.torchMs, 3)],
  ["spread", (row) => digits(row.torchSpread, 2)],
  ["torch/ours", (row) => fixed(row.ratio, 2)],
  ["goal", (row) => String(row.goal)],
  ["of limit", (row) => `${fixed(100 * row.ofLimit, 0)} %`],
];

/** The rows as text, numbers to the right. */
export function table(rows) {
  const cells = [
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, of]) => of(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index].length)));
  const pad = (cell, index) =>
    index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]);
  return cells.map((line) => line.map(pad).join("  ")).join("\n");
}

/** Writes the rows as JSON: all of them or, where that fails, nothing. */
export function writeRows(path, rows) {
  const temporary = `${path}.${process.pid}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(temporary, `${JSON.stringify(rows, null, 2)}\n`);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
