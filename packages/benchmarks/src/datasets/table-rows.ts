import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";

/** More different labels than this cannot be classes, whatever form they are written in. */
const mostLabels = 4_096;

/** A label longer than this is no class. */
const mostLabelLength = 1_000;

/** Of so many different values in the first column it is still asked whether they are classes. */
const mostFirstValues = 32;

/** What a row takes beside its features: label, class, number of the row, in the data set's splits. */
const bytesBeside = 20;

/** The samples of a table as they come, in arrays that grow up to a limit. */
export class TableRows {
  #values = new Float32Array(0);
  #labels = new Int32Array(1024);
  /** Row 0 is kept free for the first line of the file, which may turn out to be a sample. */
  #next = 1;
  readonly #known = new Map<string, number>();
  readonly #numbered = new Map<number, number>();
  readonly #labelLines: number[] = [];
  readonly #firstValues = new Set<number>();
  #hasFirst = false;
  /** Rows (as in `#labels`) that are not from the line after that of the row before, and their lines. */
  readonly #breaks: { readonly row: number; readonly line: number }[] = [{ row: 0, line: 1 }];
  #lastLine = 0;

  /** @param mostBytes of main memory that they may take. */
  constructor(
    private readonly file: string,
    private readonly columns: number,
    private readonly mostBytes: number,
  ) {
    this.#grow(64);
  }

  /** Makes room for so many samples, or as many as there may be. Pages are taken when written to. */
  reserve(rows: number): void {
    if (rows + 1 > this.#labels.length) this.#grow(rows + 1);
  }

  /** Samples so far. */
  get count(): number {
    return this.#next - (this.#hasFirst ? 0 : 1);
  }

  /** Their labels, each once, in order of appearance. */
  get labelNames(): string[] {
    return [...this.#known.keys()];
  }

  /** Where the features of the next row go; the row counts once it is taken. */
  next(): { readonly values: Float32Array; readonly at: number } {
    if ((this.#next + 1) * this.columns > this.#values.length || this.#next >= this.#labels.length)
      this.#grow(2 * this.#next);
    this.#place.values = this.#values;
    this.#place.at = this.#next * this.columns;
    return this.#place;
  }
  readonly #place = { values: new Float32Array(0), at: 0 };

  /** Takes a row without a label. */
  take(line: number): void {
    this.#noteLine(line);
    this.#next += 1;
  }

  /** Takes a row whose label is a small integer. */
  takeNumbered(label: number, line: number): void {
    let index = this.#numbered.get(label);
    if (index === undefined) {
      index = this.#indexOf(String(label), line);
      this.#numbered.set(label, index);
    }
    this.#takeIndexed(index, line);
  }

  takeLabelled(label: string, line: number): void {
    this.#takeIndexed(this.#indexOf(label, line), line);
  }

  /** Puts a row in front of all others. */
  putFirst(values: readonly number[], label: string | undefined, line: number): void {
    this.#values.set(values, 0);
    this.#hasFirst = true;
    this.#breaks[0] = { row: 0, line };
    this.#noteFirstValue(0);
    if (label === undefined) return;
    const isNew = !this.#known.has(label);
    this.#labels[0] = this.#indexOf(label, line);
    if (!isNew) this.#labelLines[this.#labels[0]] = line;
  }

  finish() {
    const from = this.#hasFirst ? 0 : 1;
    const hasLabels = this.#known.size > 0;
    const { names, lines, order } = this.#byAppearance();
    const labels = hasLabels ? this.#labels.slice(from, this.#next) : new Int32Array(0);
    if (order) for (let row = 0; row < labels.length; row++) labels[row] = order[labels[row]!]!;
    return {
      rows: this.count,
      values: this.#values.subarray(from * this.columns, this.#next * this.columns),
      labels,
      labelNames: names,
      labelLines: lines,
      lineOf: (row: number) => this.#lineOf(row + from),
      firstColumnValues:
        this.columns > 0 && this.#firstValues.size <= mostFirstValues
          ? this.#firstValues.size
          : null,
    };
  }

  /** Labels by the line that has each first: that of the first line was told last. */
  #byAppearance() {
    const names = this.labelNames;
    const lines = this.#labelLines;
    if (!this.#hasFirst || names.length === 0 || this.#labels[0] === 0)
      return { names, lines, order: null };
    const sorted = [...names.keys()].sort((left, right) => lines[left]! - lines[right]!);
    const order = new Int32Array(names.length);
    sorted.forEach((label, at) => {
      order[label] = at;
    });
    return {
      names: sorted.map((label) => names[label] as string),
      lines: sorted.map((label) => lines[label] as number),
      order,
    };
  }

  #takeIndexed(index: number, line: number): void {
    this.#noteLine(line);
    this.#labels[this.#next] = index;
    this.#noteFirstValue(this.#next);
    this.#next += 1;
  }

  #noteLine(line: number): void {
    if (line !== this.#lastLine + 1 || this.#next === 1)
      this.#breaks.push({ row: this.#next, line });
    this.#lastLine = line;
  }

  #lineOf(row: number): number {
    const last = this.#breaks.findLast((each) => each.row <= row)!;
    return last.line + row - last.row;
  }

  #noteFirstValue(row: number): void {
    if (this.columns === 0 || this.#firstValues.size > mostFirstValues) return;
    const value = this.#values[row * this.columns]!;
    if (Number.isInteger(value)) this.#firstValues.add(value);
    // A fraction is as good as too many: the column holds no classes.
    else for (let extra = 0; extra <= mostFirstValues; extra++) this.#firstValues.add(extra + 0.5);
  }

  #indexOf(label: string, line: number): number {
    const known = this.#known.get(label);
    if (known !== undefined) return known;
    if (this.#known.size >= mostLabels)
      throw new InputError(
        `Expected classes in the label column of ${this.file} but it holds more than ${mostLabels} ` +
          `different values, such as ${[...this.#known.keys()].slice(0, 3).map(quoted).join(", ")}; ` +
          "name the column that holds the class with --label NAME or NUMBER",
      );
    if (label.length > mostLabelLength)
      throw new InputError(
        `Expected a class in the label column of line ${line} of ${this.file} but found a text of ` +
          `${label.length} characters; name the column that holds the class with --label`,
      );
    const index = this.#known.size;
    this.#known.set(label, index);
    this.#labelLines.push(line);
    return index;
  }

  #grow(rows: number): void {
    const most = Math.floor(this.mostBytes / (4 * this.columns + bytesBeside));
    if (this.#next >= most) throw this.#tooLarge(most);
    const wanted = Math.min(rows, most);
    try {
      const values = new Float32Array(wanted * this.columns);
      values.set(this.#values.subarray(0, this.#next * this.columns));
      this.#values = values;
      const labels = new Int32Array(wanted);
      labels.set(this.#labels.subarray(0, Math.min(this.#next, wanted)));
      this.#labels = labels;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw this.#tooLarge(this.#next);
    }
  }

  #tooLarge(rows: number): InputError {
    return new InputError(
      `Expected at most ${rows} samples of ${this.columns} features in ${this.file}, which take ` +
        `${(this.mostBytes / 2 ** 30).toFixed(1)} GiB, half of the main memory, but it holds more; ` +
        "take a part of the file",
    );
  }
}
