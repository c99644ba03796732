import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import { isHeader } from "./column-names.js";
import type { TableOptions } from "./csv.js";
import { DelimitedText, isPlainNumber } from "./delimited.js";
import { findLabel, isColumnName } from "./label-column.js";
import { isMissing } from "./missing.js";
import { expectText } from "./no-text.js";
import { withBytes } from "./read-file.js";
import type { Categories } from "./word-columns.js";

/** A column with more different words than this holds no categories. */
const mostWords = 1_000;

/** What is known of a table after a look at all its lines. */
interface Look {
  readonly categories: Map<number, Set<string>>;
  readonly header: "yes" | "no";
}

/**
 * Goes over tables and finds the columns that hold words, with those of all of them, and whether each
 * table's first line names the columns: it does where none of its words is one below.
 *
 * @throws InputError for more different words than categories can be.
 */
export async function findCategories(
  files: readonly string[],
  options: TableOptions,
): Promise<{ readonly categories: Categories; readonly headers: readonly ("yes" | "no")[] }> {
  const all = new Map<number, Set<string>>();
  const looks: Look[] = [];
  for (const file of files) looks.push(await lookAt(file, options));
  for (const { categories } of looks)
    for (const [field, words] of categories)
      all.set(field, new Set([...(all.get(field) ?? []), ...words]));
  // Numbers among the words of a column are words too.
  const sorted = [...all].map(([field, words]) => [field, [...words].sort()] as const);
  return { categories: new Map(sorted), headers: looks.map(({ header }) => header) };
}

/** One line is kept until all others are known. */
function lookAt(file: string, options: TableOptions): Promise<Look> {
  return withBytes(file, async ({ pieces }) => {
    const text = new DelimitedText(file);
    const look = new Words(file, text, options);
    let isFirst = true;
    for await (const piece of pieces) {
      if (isFirst) expectText(file, piece);
      isFirst = false;
      text.feed(piece);
      while (text.next()) look.take();
    }
    text.finish();
    while (text.next()) look.take();
    return look.finish();
  });
}

/** Gathers what stands in the columns of a table. */
class Words {
  #first: readonly string[] | undefined;
  #line = 0;
  #labelField = -1;
  #rows = 0;
  readonly #values = new Map<number, Set<string>>();
  readonly #hasWord = new Set<number>();
  readonly #labels = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly text: DelimitedText,
    private readonly options: TableOptions,
  ) {}

  take(): void {
    const { text } = this;
    const fields = Array.from({ length: text.fieldCount }, (_, field) => text.text(field));
    if (this.#first === undefined) {
      this.#first = fields;
      this.#line = text.line;
      this.#labelField = findLabel(this.file, fields, this.options.label ?? "last");
      return;
    }
    this.#rows += 1;
    for (const [field, value] of fields.entries()) {
      if (field === this.#labelField) this.#labels.add(value);
      else if (!isMissing(value)) this.#note(field, value);
    }
  }

  #note(field: number, value: string): void {
    if (!isPlainNumber(value)) this.#hasWord.add(field);
    const values = this.#values.get(field) ?? new Set();
    this.#values.set(field, values);
    // Of numbers it is enough to know that they are many.
    if (values.size <= mostWords) values.add(value);
    else if (this.#hasWord.has(field))
      throw new InputError(
        `Expected at most ${mostWords} different words in column ${field + 1} of ${this.file} but found ` +
          `more, such as ${quoted(value)}; take that column out`,
      );
  }

  finish(): Look {
    const first = this.#first ?? [];
    const categories = new Map([...this.#values].filter(([field]) => this.#hasWord.has(field)));
    const header = this.#header(first, categories);
    if (header === "no")
      for (const [field, words] of categories) {
        const word = first[field] ?? "";
        if (!isMissing(word)) words.add(word);
      }
    return { categories, header };
  }

  #header(
    first: readonly string[],
    categories: ReadonlyMap<number, ReadonlySet<string>>,
  ): "yes" | "no" {
    const { label = "last", header = "auto" } = this.options;
    if (header !== "auto") return header;
    if (isColumnName(label)) return "yes";
    if ([...categories].some(([field, words]) => words.has(first[field] ?? ""))) return "no";
    if (categories.size > 0) return "yes";
    const { file } = this;
    const [line, rows, labelField] = [this.#line, this.#rows, this.#labelField];
    const otherLabels = this.#labels;
    return isHeader({ file, line, fields: first, labelField, rows, otherLabels }) ? "yes" : "no";
  }
}
