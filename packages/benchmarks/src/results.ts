import { join } from "node:path";
import { announce } from "./announce.js";
import { writeWhole } from "./files.js";
import { expectPlain, openFolder } from "./folders.js";
import { Journal } from "./journal.js";
import { checkRecord, parseRecord, type ResultRecord } from "./record.js";

/** The file of the records in a folder of results. */
export const recordsFile = "results.ndjson";
const pageFile = "report.html";

/** A page of all records of a folder. */
export type RenderPage = (records: readonly ResultRecord[]) => string;

/**
 * A folder that keeps the record of every run written into it, each as soon as the run ends, and a
 * page of them all.
 */
export class ResultFolder {
  readonly path: string;
  readonly #journal: Journal<ResultRecord>;

  /**
   * Creates the folder if it is missing and tests that it can be written. Reports records in it
   * that are damaged.
   *
   * @param files that will be written besides records and page.
   * @throws InputError if it cannot be created or written.
   */
  constructor(path: string, files: readonly string[] = []) {
    openFolder(path);
    for (const file of [recordsFile, pageFile, ...files]) expectPlain(join(path, file), "--out");
    this.path = path;
    this.#journal = new Journal(join(path, recordsFile), parseRecord);
    announce(this.#journal.read().damaged);
  }

  /** The path of the page. */
  get page(): string {
    return join(this.path, pageFile);
  }

  /**
   * Adds a record to those that are there.
   * @throws InputError if it cannot be written; it then waits for the next call, or `retry`.
   */
  add(record: ResultRecord): void {
    checkRecord(record);
    this.#journal.append(record);
  }

  /** Writes what could not be written before. */
  retry(): void {
    this.#journal.retry();
  }

  /** All records that can be read, those of earlier runs first. */
  records(): readonly ResultRecord[] {
    return this.#journal.read().values;
  }

  /**
   * Writes the page of all records, and writes it again if another program has added some
   * meanwhile.
   * @throws InputError if it cannot be written.
   */
  writePage(render: RenderPage): void {
    let shown: number;
    do {
      shown = this.#journal.size;
      const records = this.records();
      if (records.length > 0) writeWhole(this.page, render(records));
    } while (this.#journal.size !== shown);
  }
}
