import type { SuiteReport } from "./contents.js";
import { chaptersOf, marksNote, type Sheet, type SheetCell } from "./sheet.js";

const tablesAtOnce = 12;
/** Characters that fit between the margins of an article, and those of the space between two columns. */
const lineLength = 84;
const gap = 2;

/**
 * The tables as LaTeX that needs no package, to be read in with `\input`: best in bold, second underlined. Each block
 * is a table of its own, so that none is longer than a page.
 */
export function renderLatex(report: SuiteReport): string {
  const tables = chaptersOf(report).flatMap(({ name, title, notes, sheets }) =>
    sheets.flatMap((sheet, index) =>
      sheet.blocks.map((block, place) => {
        const caption = [title, sheet.title, ...(block.head === null ? [] : [block.head])];
        return table(sheet, block, {
          caption: `${caption.join("; ")}. ${notes.join(" ")}`,
          label: `tab:${name}-${index + 1}${sheet.blocks.length > 1 ? `-${place + 1}` : ""}`,
        });
      }),
    ),
  );
  const said = [...report.summary, ...report.cautions, marksNote, ...report.absent];
  // LaTeX holds back a few dozen tables at most.
  const pages = tables.flatMap((each, place) =>
    (place + 1) % tablesAtOnce === 0 ? [each, "\\clearpage"] : [each],
  );
  return `${[said.map(comment).join("\n"), ...pages].join("\n\n")}\n`;
}

function table(
  { corner, columns }: Sheet,
  { rows }: Sheet["blocks"][number],
  { caption, label }: { readonly caption: string; readonly label: string },
): string {
  const line = (cells: readonly string[]) => `${cells.join(" & ")} \\\\`;
  const parts = columnsByWidth(corner, columns, rows).map(([first, end]) => {
    const own = columns.slice(first, end);
    return [
      `\\begin{tabular}{l${"r".repeat(own.length)}}`,
      "\\hline",
      line([corner, ...own].map(escapeLatex)),
      "\\hline",
      ...rows.map(({ name, cells }) =>
        line([escapeLatex(name), ...cells.slice(first, end).map(marked)]),
      ),
      "\\hline",
      "\\end{tabular}",
    ].join("\n");
  });
  return [
    "\\begin{table}",
    "\\centering\\scriptsize\\setlength{\\tabcolsep}{3pt}",
    `\\caption{${escapeLatex(caption)}}`,
    `\\label{${label}}`,
    parts.join("\n\n\\medskip\n"),
    "\\end{table}",
  ].join("\n");
}

/** Columns that fit beside the names, as first and end; the others stand below. */
function columnsByWidth(
  corner: string,
  columns: Sheet["columns"],
  rows: Sheet["blocks"][number]["rows"],
): (readonly [number, number])[] {
  const names = Math.max(corner.length, ...rows.map(({ name }) => name.length));
  const parts: [number, number][] = [];
  let width = Number.POSITIVE_INFINITY;
  columns.forEach((column, index) => {
    const own = Math.max(column.length, ...rows.map(({ cells }) => cells[index]?.text.length ?? 0));
    width += gap + own;
    if (width > lineLength) {
      parts.push([index, index]);
      width = names + gap + own;
    }
    (parts.at(-1) as [number, number])[1] = index + 1;
  });
  return parts;
}

function marked({ text, place, isCollapsed }: SheetCell): string {
  const full = escapeLatex(isCollapsed ? `${text} †` : text);
  if (place === 1) return `\\textbf{${full}}`;
  return place === 2 ? `\\underline{${full}}` : full;
}

const comment = (sentence: string) => `% ${sentence.replace(/\s+/g, " ")}`;

const commands: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  // A double closing quote in the fonts that LaTeX starts with; others need a package.
  '"': "''",
  "±": "$\\pm$",
  "†": "$^\\dagger$",
};

/** Text that LaTeX sets as it is. */
export function escapeLatex(text: string): string {
  return text.replace(
    /[\\~^<>|"±†#$%&_{}]/g,
    (character) => commands[character] ?? `\\${character}`,
  );
}
