import { closeSync } from "node:fs";
import { open } from "node:fs/promises";
import * as zlib from "node:zlib";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaTree,
  snappyUncompress,
} from "hyparquet";
import { InputError } from "../errors.js";
import { codeOf, mostDataBytes, openInput, quoted } from "../input-file.js";

/** Rows that are read at a time where the file says at which byte they begin. */
const rowsAtOnce = 1_024;

/** No column of images takes less for a row; a file that claims more rows is damaged. */
const mostRowsPerByte = 64;

/** An image's bytes and its label, as the file has it. */
export interface ParquetRow {
  readonly image: Uint8Array;
  readonly label: unknown;
  /** From 0. */
  readonly row: number;
}

/** Which columns of a Parquet file hold images and labels. */
export interface ParquetColumns {
  readonly image: string;
  /** Whether an image is a struct of its bytes and its path, as the Hugging Face Hub has it. */
  readonly isStruct: boolean;
  readonly label: string;
  /** Names of the classes where the file tells them, by label. */
  readonly classNames: readonly string[] | null;
}

/** Names of columns that hold the class, the likeliest first. */
const labelNames = ["label", "labels", "fine_label", "class", "target", "y"];

/** A Parquet file with a column of encoded images, which is read in stretches. */
export class ParquetFile {
  readonly rows: number;

  private constructor(
    readonly path: string,
    private readonly file: AsyncBuffer,
    private readonly metadata: FileMetaData,
    private readonly schema: SchemaTree,
    private readonly end: () => Promise<void>,
  ) {
    this.rows = Number(metadata.num_rows);
  }

  /** @throws InputError for what is no Parquet file, or damaged. */
  static async open(path: string): Promise<ParquetFile> {
    const { fd, size } = openInput(path, "a Parquet file");
    closeSync(fd);
    const handle = await open(path);
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      if (bytes.length < end - start) throw new Error(`it ends before byte ${end}`);
      if (bytes.length > 0) await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    };
    const file: AsyncBuffer = {
      byteLength: size,
      slice(start, end) {
        const bytes = slice(start, end);
        // Of what it asks for ahead the library leaves failures alone, which would end the program.
        bytes.catch(() => {});
        return bytes;
      },
    };
    try {
      const metadata = await parquetMetadataAsync(file);
      const rows = Number(metadata.num_rows);
      if (!(rows >= 0 && rows <= size * mostRowsPerByte)) throw new Error(`it claims ${rows} rows`);
      return new ParquetFile(path, file, metadata, parquetSchema(metadata), () => handle.close());
    } catch (error) {
      await handle.close();
      throw damaged(path, error);
    }
  }

  close(): Promise<void> {
    return this.end();
  }

  /**
   * The columns of images and labels.
   * @param label name of the label's column; default: the likeliest.
   * @throws InputError where there is none, or no column of images.
   */
  columns(label: string | undefined): ParquetColumns {
    const { children } = this.schema;
    const image = children.find(isImage);
    if (!image)
      throw new InputError(
        `Expected a column of images in ${this.path}, binary or a struct with "bytes", but found the ` +
          `columns ${children.map(({ element }) => quoted(element.name)).join(", ")}; write tables as CSV`,
      );
    const others = children.filter((child) => child !== image);
    const integers = others.filter(({ element: { type } }) => type === "INT32" || type === "INT64");
    const wanted = label === undefined ? labelNames : [label];
    const found =
      wanted.flatMap((name) => others.filter(({ element }) => element.name === name))[0] ??
      (label === undefined && integers.length === 1 ? integers[0] : undefined);
    if (!found)
      throw new InputError(
        `Expected a column ${label === undefined ? "of labels" : quoted(label)} in ${this.path} but ` +
          `found ${others.map(({ element }) => quoted(element.name)).join(", ") || "none beside the images"}; ` +
          "name it with --label",
      );
    return {
      image: image.element.name,
      isStruct: image.children.length > 0,
      label: found.element.name,
      classNames: this.#classNames(found.element.name),
    };
  }

  /** Names of the classes, as the library `datasets` notes them. */
  #classNames(label: string): readonly string[] | null {
    const text = this.metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
    if (text === undefined) return null;
    try {
      const names: unknown = JSON.parse(text)?.info?.features?.[label]?.names;
      return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : null;
    } catch {
      // Somebody else's note.
      return null;
    }
  }

  /** The labels of all rows, in order. */
  async labelsOf({ label }: ParquetColumns): Promise<unknown[]> {
    const rows = await this.#rows([label], 0, this.rows);
    return rows.map(([value]) => value);
  }

  /** Image and label of every row, in order. */
  async *read({ image, isStruct, label }: ParquetColumns): AsyncGenerator<ParquetRow> {
    let groupStart = 0;
    for (const group of this.metadata.row_groups) {
      const rows = Number(group.num_rows);
      const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === image);
      const isIndexed = chunk?.offset_index_offset !== undefined;
      const bytes = Number(chunk?.meta_data?.total_compressed_size ?? 0);
      if (!isIndexed && bytes > mostDataBytes())
        throw new InputError(
          `Expected a group of rows of at most half of the main memory in ${this.path} but one takes ` +
            `${bytes} bytes; write the file with more row groups, or with a page index`,
        );
      const step = isIndexed ? rowsAtOnce : rows;
      for (let start = 0; start < rows; start += step) {
        const rowStart = groupStart + start;
        const rowEnd = groupStart + Math.min(start + step, rows);
        const taken = await this.#rows([image, label], rowStart, rowEnd);
        for (const [at, values] of taken.entries()) {
          const row = rowStart + at;
          yield { image: this.#bytesOf(values[0], isStruct, row), label: values[1], row };
        }
      }
      groupStart += rows;
    }
  }

  async #rows(columns: string[], rowStart: number, rowEnd: number): Promise<unknown[][]> {
    const { file, metadata } = this;
    let rows: unknown[][] = [];
    try {
      await parquetRead({
        file,
        metadata,
        columns,
        rowStart,
        rowEnd,
        rowFormat: "array",
        compressors,
        // Bytes of images are no text.
        utf8: false,
        useOffsetIndex: true,
        onComplete(read) {
          rows = read;
        },
      });
    } catch (error) {
      throw damaged(this.path, error);
    }
    if (rows.length !== rowEnd - rowStart)
      throw damaged(this.path, new Error(`${rows.length} rows in place of ${rowEnd - rowStart}`));
    return rows;
  }

  #bytesOf(value: unknown, isStruct: boolean, row: number): Uint8Array {
    const bytes = isStruct ? (value as { bytes?: unknown } | null)?.bytes : value;
    if (bytes instanceof Uint8Array && bytes.length > 0) return bytes;
    throw new InputError(
      `Expected the bytes of an image in row ${row + 1} of ${this.path} but found none; write the ` +
        "file with the images embedded",
    );
  }
}

function isImage({ element, children }: SchemaTree): boolean {
  if (children.length > 0)
    return children.some(
      ({ element: { name, type } }) => name === "bytes" && type === "BYTE_ARRAY",
    );
  const isText = element.converted_type !== undefined || element.logical_type !== undefined;
  return element.type === "BYTE_ARRAY" && !isText;
}

/** How much each codec makes of a byte at most, so that a claimed length can be told from damage. */
const bestRatios = { SNAPPY: 32, GZIP: 1_032, BROTLI: 1_000_000, ZSTD: 1_000_000 } as const;

function limited(
  codec: keyof typeof bestRatios,
  unpack: (input: Uint8Array, length: number) => Uint8Array,
) {
  return (input: Uint8Array, length: number): Uint8Array => {
    if (length > Math.min(bestRatios[codec] * (input.length + 64), mostDataBytes()))
      throw new Error(`it claims ${length} bytes in ${input.length} packed ones`);
    return unpack(input, length);
  };
}

/** Newer versions of Node have it. */
const zstd = (zlib as { zstdDecompressSync?: (input: Uint8Array, options: object) => Uint8Array })
  .zstdDecompressSync;

const compressors: Compressors = {
  SNAPPY: limited("SNAPPY", (input, length) => {
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  }),
  GZIP: limited("GZIP", (input, length) => gunzipSync(input, { maxOutputLength: length + 1 })),
  BROTLI: limited("BROTLI", (input, length) =>
    brotliDecompressSync(input, { maxOutputLength: length + 1 }),
  ),
  ...(zstd
    ? { ZSTD: limited("ZSTD", (input, length) => zstd(input, { maxOutputLength: length + 1 })) }
    : {}),
};

function damaged(path: string, error: unknown): InputError {
  if (error instanceof InputError) return error;
  const reason = codeOf(error).split("\n")[0];
  const codec = /unsupported compression codec: (\w+)/.exec(reason ?? "")?.[1];
  return new InputError(
    codec
      ? `Expected a Parquet file packed by Snappy, GZIP or Brotli, or on Node 22.15 or newer ZSTD, but ` +
          `${path} is packed by ${codec}; write it with another compression`
      : `Expected a Parquet file in ${path} but it cannot be read (${reason}); it is damaged, cut off or ` +
          "something else: fetch it again",
  );
}
