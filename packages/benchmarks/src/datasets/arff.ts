import { InputError, nearestName } from "../errors.js";
import { mostDataBytes, quoted } from "../input-file.js";
import type { Table, TableOptions } from "./csv.js";
import { isPlainNumber } from "./delimited.js";
import { isMissing, missingValue } from "./missing.js";
import { eachLine } from "./table-format.js";
import { TableRows } from "./table-rows.js";
import { fieldsOf } from "./word-columns.js";

/** A column of an ARFF file: its name, and its values where they are listed. */
interface Attribute {
  readonly name: string;
  /** Null of a number. */
  readonly values: readonly string[] | null;
}

/**
 * Reads an ARFF file (Weka): attributes that are numbers or listed values, then samples between commas.
 * Listed values become a column of 0 and 1 each, in the order of the list. The label is the attribute
 * that is asked for, else the last one, whose values should be listed.
 *
 * @throws InputError for other attributes, sparse samples, values that are not listed, missing ones (as
 *   the rule for them says), and more than main memory holds.
 */
export async function readArff(
  file: string,
  { label, missing = "error" }: Pick<TableOptions, "label" | "missing"> = {},
): Promise<Table> {
  const attributes: Attribute[] = [];
  let body: ArffBody | undefined;
  await eachLine(file, (line, at) => {
    const text = line.trim();
    if (text === "" || text.startsWith("%")) return;
    if (body) body.take(text, at);
    else if (/^@attribute\b/i.test(text)) attributes.push(attributeOf(text, at, file));
    else if (/^@data\b/i.test(text))
      body = new ArffBody(file, attributes, label ?? "last", missing);
    else if (!/^@relation\b/i.test(text))
      throw new InputError(
        `Expected @attribute or @data in line ${at} of ${file} but found ${quoted(text)}; check the file`,
      );
  });
  if (!body) throw new InputError(`Expected @data in ${file} but it ends before; it is cut off`);
  return body.finish();
}

/** `@attribute name kind` */
function attributeOf(line: string, at: number, file: string): Attribute {
  const [, rest = ""] = /^@attribute\s+(.*)$/i.exec(line) ?? [];
  const [, double, single, plain, kind = ""] =
    /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+))\s+(.*)$/.exec(rest) ?? [];
  const name = unescaped(double ?? single ?? plain ?? "");
  const list = /^\{(.*)\}$/.exec(kind.trim())?.[1];
  if (list !== undefined) return { name, values: valuesOf(list, at, file) };
  if (/^(numeric|real|integer)\b/i.test(kind)) return { name, values: null };
  throw new InputError(
    `Expected an attribute that is numeric or a list of values in line ${at} of ${file} but found ` +
      `${quoted(line)}; take that attribute out`,
  );
}

/** The samples of an ARFF file. */
class ArffBody {
  readonly #rows: TableRows;
  readonly #labelField: number;
  readonly #features: readonly number[];
  readonly #categories: ReadonlyMap<number, readonly string[]>;
  readonly #fields: readonly number[];
  #dropped = 0;

  constructor(
    private readonly file: string,
    private readonly attributes: readonly Attribute[],
    label: string | number,
    private readonly missing: "drop" | "error",
  ) {
    this.#labelField = fieldOf(label, attributes, file);
    this.#features = [...attributes.keys()].filter((field) => field !== this.#labelField);
    this.#categories = new Map(
      attributes.flatMap(({ values }, field) => (values ? [[field, values] as const] : [])),
    );
    this.#fields = fieldsOf(this.#features, this.#categories);
    this.#rows = new TableRows(file, this.#fields.length, mostDataBytes());
  }

  take(text: string, line: number): void {
    const { file, attributes } = this;
    if (text.startsWith("{"))
      throw new InputError(
        `Expected values between commas in line ${line} of ${file} but found a sparse sample; save the ` +
          "file dense (Weka: SparseToNonSparse)",
      );
    const fields = valuesOf(text, line, file);
    if (fields.length !== attributes.length)
      throw new InputError(
        `Expected ${attributes.length} values in line ${line} of ${file}, one an attribute, but found ` +
          `${fields.length}; correct or remove that line`,
      );
    const lacking = fields.findIndex(
      (value, field) => isMissing(value) && !this.#isListed(value, field),
    );
    if (lacking >= 0) {
      const { name } = attributes[lacking] as Attribute;
      if (this.missing === "error")
        throw missingValue(fields[lacking] as string, "a value", {
          file,
          line,
          field: lacking,
          name,
        });
      this.#dropped += 1;
      return;
    }
    const { values, at } = this.#rows.next();
    let column = at;
    for (const field of this.#features) {
      const value = fields[field] as string;
      const words = this.#categories.get(field);
      if (!words) values[column++] = this.#number(value, field, line);
      else {
        this.#expectListed(value, field, line);
        for (const word of words) values[column++] = word === value ? 1 : 0;
      }
    }
    const label = fields[this.#labelField] as string;
    if (this.#categories.has(this.#labelField)) this.#expectListed(label, this.#labelField, line);
    this.#rows.takeLabelled(label, line);
  }

  #isListed(value: string, field: number): boolean {
    return this.attributes[field]?.values?.includes(value) ?? false;
  }

  #number(text: string, field: number, line: number): number {
    const value = Math.fround(isPlainNumber(text) ? Number(text) : Number.NaN);
    if (Number.isFinite(value)) return value;
    throw this.#wrong("a finite number", text, field, line);
  }

  #expectListed(value: string, field: number, line: number): void {
    if (!this.#isListed(value, field)) throw this.#wrong("one of its values", value, field, line);
  }

  #wrong(expected: string, found: string, field: number, line: number): InputError {
    return new InputError(
      `Expected ${expected} for the attribute ${quoted(this.attributes[field]?.name ?? "")} in line ` +
        `${line} of ${this.file} but found ${quoted(found)}; correct or remove that line`,
    );
  }

  finish(): Table {
    const read = this.#rows.finish();
    if (read.rows === 0)
      throw new InputError(
        `Expected samples below @data in ${this.file} but found ` +
          `${this.#dropped > 0 ? `only ${this.#dropped} with missing values` : "none"}; check the file`,
      );
    return {
      file: this.file,
      ...read,
      columns: this.#fields.length,
      fields: this.#fields,
      featureNames: this.#features.flatMap((field) => {
        const { name, values } = this.attributes[field] as Attribute;
        return values ? values.map((value) => `${name}=${value}`) : [name];
      }),
      names: this.attributes.map(({ name }) => name),
      labelColumn: this.#labelField + 1,
      isLabelGiven: true,
      dropped: this.#dropped,
    };
  }
}

/** The label's attribute by name or number from 1. */
function fieldOf(label: string | number, attributes: readonly Attribute[], file: string): number {
  const names = attributes.map(({ name }) => name);
  if (label === "last") return attributes.length - 1;
  const named = names.indexOf(String(label));
  const number = Number(String(label).replace(/^#/, ""));
  if (named >= 0) return named;
  if (Number.isInteger(number) && number >= 1 && number <= names.length) return number - 1;
  const nearest = nearestName(String(label), names);
  throw new InputError(
    `Expected an attribute ${quoted(String(label))} in ${file} but it has ` +
      `${names.slice(0, 8).map(quoted).join(", ")}; ` +
      (nearest ? `did you mean ${quoted(nearest)}?` : "name one of these with --label"),
  );
}

/** Values between commas, each plain or in quotation marks of either kind. */
function valuesOf(text: string, at: number, file: string): string[] {
  const values: string[] = [];
  const value = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^,"']*))\s*(,|$)/y;
  for (let end = ""; end !== "$"; ) {
    const found = value.exec(text);
    if (!found)
      throw new InputError(
        `Expected values between commas in line ${at} of ${file} but found a quotation mark that is not ` +
          "closed, or text beside one; correct that line",
      );
    values.push(unescaped(found[1] ?? found[2] ?? (found[3] as string).trim()));
    end = found[4] === "," ? "," : "$";
  }
  return values;
}

const unescaped = (text: string) => text.replace(/\\(.)/g, "$1");
