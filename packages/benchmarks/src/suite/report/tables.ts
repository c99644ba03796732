import { groupBy } from "../../group-by.js";
import type { SuiteResults } from "../results.js";
import type { SuiteSetting } from "../settings.js";
import type { Contender, SuitePart } from "../tables/contract.js";
import { type Cell, cellOf, ranked } from "./cell.js";
import { type Measure, memoryMeasures, pressureMeasures, tableMeasures } from "./measures.js";

/** A table of the suite, whatever it is written as. */
export interface ShownTable {
  /** The part that it is of. */
  readonly part: string;
  /** What tells it from others of its part. */
  readonly title: string;
  /** What the first column holds. */
  readonly corner: string;
  readonly columns: readonly string[];
  readonly blocks: readonly Block[];
}

/** Rows that belong together. */
interface Block {
  /** Null where the table has only one block. */
  readonly head: string | null;
  readonly rows: readonly Row[];
}

interface Row {
  readonly name: string;
  /** One a column; null where a setting has no such contender. */
  readonly cells: readonly (Cell | null)[];
}

/** The tables of a part for the settings that have runs or might have; none of a chart alone. */
export function tablesOf(
  results: SuiteResults,
  part: SuitePart,
  settings: readonly SuiteSetting[],
): ShownTable[] {
  switch (part.kind) {
    case "table":
      return tableMeasures.map((measure) => bySetting(results, part, settings, measure));
    case "memory":
      return [byContender(results, part, settings)];
    case "latency":
      return pressureMeasures.map((measure) => byPressure(results, part, settings, measure));
    case "stream":
      return [];
  }
}

/**
 * Settings are rows and contenders columns; each group of contenders, such as those of one algorithm, is a block:
 *
 * ```
 *                   1-Skip   Ferret M+
 * er
 *   MNIST/MNISTNet    61.2        82.0
 *   Covertype/MLP     55.3        60.1
 * ```
 */
function bySetting(
  results: SuiteResults,
  part: SuitePart,
  settings: readonly SuiteSetting[],
  measure: Measure,
): ShownTable {
  const there = settings.map((setting) => ({
    setting,
    contenders: part.contenders(setting, results.scale),
  }));
  const all = there.flatMap(({ contenders }) => contenders);
  const columns = [...new Set(all.map(shortLabel))];
  const groups = [...new Set(all.map(({ group }) => group ?? null))];
  const blocks = groups.map((group) => ({
    head: group,
    rows: there.map(({ setting, contenders }) => {
      const cells = columns.map((column) => {
        const one = contenders.find(
          (each) => (each.group ?? null) === group && shortLabel(each) === column,
        );
        return one ? cellOf(results, setting, one, measure, contenders) : null;
      });
      const places = ranked(cells.filter((cell) => cell !== null));
      return { name: setting.name, cells: cells.map((cell) => cell && (places.shift() as Cell)) };
    }),
  }));
  return { part: part.name, title: titleOf(measure), corner: "setting", columns, blocks };
}

/** Contenders are rows and measures columns; each setting is a block. */
function byContender(
  results: SuiteResults,
  part: SuitePart,
  settings: readonly SuiteSetting[],
): ShownTable {
  const blocks = settings.map((setting) => {
    const contenders = part.contenders(setting, results.scale);
    const rows = contenders.map((one) => ({
      name: one.label,
      cells: memoryMeasures.map((measure) => cellOf(results, setting, one, measure, contenders)),
    }));
    return { head: setting.name, rows };
  });
  return {
    part: part.name,
    title: "memory and accuracy of every learner",
    corner: "learner",
    columns: memoryMeasures.map(titleOf),
    blocks,
  };
}

/** Learners are rows and pressures columns; each setting is a block. */
function byPressure(
  results: SuiteResults,
  part: SuitePart,
  settings: readonly SuiteSetting[],
  measure: Measure,
): ShownTable {
  const pressures = [
    ...new Set(
      settings.flatMap((setting) =>
        part.contenders(setting, results.scale).map((each) => pressureOf(each, setting)),
      ),
    ),
  ].sort((left, right) => left - right);
  const blocks = settings.map((setting) => {
    const contenders = part.contenders(setting, results.scale);
    const learners = groupBy(contenders, ({ group, label }) => group ?? label);
    const rows = [...learners].map(([name, own]) => ({
      name,
      cells: pressures.map((pressure) => {
        const one = own.find((each) => pressureOf(each, setting) === pressure);
        return one ? cellOf(results, setting, one, measure, contenders) : null;
      }),
    }));
    return { head: setting.name, rows };
  });
  return {
    part: part.name,
    title: titleOf(measure),
    corner: "learner",
    columns: pressures.map((pressure) => `pressure ${pressure}`),
    blocks,
  };
}

/** The pressure that a contender runs under. */
export const pressureOf = ({ variation }: Contender, setting: SuiteSetting): number =>
  variation.pressure ?? setting.pressure;

/** A label without the group that it ends with, as in `1-Skip, er`. */
function shortLabel({ label, group }: Contender): string {
  const end = `, ${group}`;
  return group !== undefined && label.endsWith(end) ? label.slice(0, -end.length) : label;
}

const titleOf = ({ title, unit }: Measure) => (unit === "" ? title : `${title}, ${unit}`);
