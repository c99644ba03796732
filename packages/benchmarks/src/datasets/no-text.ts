import { InputError } from "../errors.js";

/** What files that are no text begin with, and what to do with them. */
const beginnings: readonly [string, string, string][] = [
  ["PK\x03\x04", "a zip archive or a spreadsheet", "unpack it, or save the sheet as CSV"],
  ["BZh", "packed by bzip2", "unpack it, or pack it with gzip"],
  ["\xfd7zXZ", "packed by xz", "unpack it, or pack it with gzip"],
  ["\x28\xb5\x2f\xfd", "packed by zstd", "unpack it, or pack it with gzip"],
  ["\x1f\x8b", "packed by gzip twice", "unpack it once"],
  ["PAR1", "a Parquet file", "write it as CSV"],
  ["\x89HDF", "an HDF5 file", "write it as CSV"],
  ["\x93NUMPY", "a NumPy file", "write it as CSV"],
  ["\xd0\xcf\x11\xe0", "a spreadsheet of an old format", "save the sheet as CSV"],
  ["%PDF", "a PDF", "name a CSV file"],
  ["\xff\xfe", "text in UTF-16", "save it in UTF-8"],
  ["\xfe\xff", "text in UTF-16", "save it in UTF-8"],
];

/** @throws InputError where the first bytes of a table are not those of a text. */
export function expectText(file: string, head: Uint8Array): void {
  const start = Buffer.from(head.subarray(0, 8)).toString("latin1");
  const known = beginnings.find(([beginning]) => start.startsWith(beginning));
  if (known)
    throw new InputError(`Expected lines of numbers in ${file} but it is ${known[1]}; ${known[2]}`);
  const zero = head.subarray(0, 4096).indexOf(0);
  if (zero >= 0)
    throw new InputError(
      `Expected lines of numbers in ${file} but byte ${zero} is 0, so it is no text; save it as CSV`,
    );
}
