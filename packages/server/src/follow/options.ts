import { parseEvery } from "@ferret-ocl/pipeline/engine";
import { expected, InputError } from "../errors.js";
import type { CsvOptions } from "../sources/csv-line.js";
import { type LineSourceOptions, lineSource } from "../sources/lines.js";
import type { FollowOptions } from "./contract.js";

/** Options of a command line that say what a service follows, as `commander` takes them. */
export const followOptions: readonly { readonly flags: string; readonly description: string }[] = [
  { flags: "--nats <url>", description: "follow a NATS server, such as nats://127.0.0.1:4222" },
  {
    flags: "--items <subject>",
    description:
      "NATS subject of items, with their labels or alone; STREAM/SUBJECT names its stream",
  },
  { flags: "--labels <subject>", description: "NATS subject of labels that come later" },
  { flags: "--predictions <subject>", description: "NATS subject to publish predictions to" },
  {
    flags: "--gaps <refuse|accept>",
    description: "what happens where messages of a stream were deleted or purged (default: refuse)",
  },
  {
    flags: "--stdin <ndjson|csv>",
    description: "follow standard input: JSON or CSV, line by line",
  },
  {
    flags: "--after-restart <same|next>",
    description:
      "standard input brings the same lines again, of which known ones are skipped, or the next (default: same)",
  },
  { flags: "--csv-header", description: "the first line of the CSV names its columns" },
  {
    flags: "--csv-label <column>",
    description: "name or number from 1 of the label's column, or none (default: the last one)",
  },
  { flags: "--csv-id <column>", description: "name or number from 1 of a column of ids" },
  { flags: "--csv-delimiter <character>", description: "between two columns (default: a comma)" },
  {
    flags: "--every <items|time>",
    description:
      "checkpoints: at messages, such as 100items, or a time, such as 30s (default: 30s)",
  },
  {
    flags: "--bad-messages <pass|stop>",
    description:
      "messages that cannot be read are counted and passed over, or end it (default: pass)",
  },
];

/** What a command line gives, by the names of `followOptions`. */
export interface FollowWords {
  readonly nats?: string;
  readonly items?: string;
  readonly labels?: string;
  readonly predictions?: string;
  readonly gaps?: string;
  readonly stdin?: string;
  readonly afterRestart?: string;
  readonly csvHeader?: boolean;
  readonly csvLabel?: string;
  readonly csvId?: string;
  readonly csvDelimiter?: string;
  readonly every?: string;
  readonly badMessages?: string;
}

/** A subject, and its stream if that is named. */
export interface Place {
  readonly subject: string;
  readonly stream: string | undefined;
}

/** What to follow, checked as far as it can be without looking. */
export interface FollowSetting {
  readonly nats: {
    readonly url: string;
    readonly items: Place;
    readonly labels: Place | undefined;
    readonly predictions: string | undefined;
    readonly gaps: "refuse" | "accept";
  } | null;
  readonly lines: LineSourceOptions | null;
  readonly every: NonNullable<FollowOptions["every"]>;
  readonly badMessages: "pass" | "stop";
}

/**
 * Reads what a command line says about what to follow; null: nothing.
 * @throws InputError for wrong options, and those that would change nothing.
 */
export function readFollowOptions(words: FollowWords): FollowSetting | null {
  const { nats, stdin } = words;
  const needs = (name: string, needed: unknown, names: readonly (keyof FollowWords)[]) => {
    const lost = names.find((each) => words[each] !== undefined);
    if (needed === undefined && lost !== undefined)
      throw new InputError(
        `Expected ${name} beside ${optionOf(lost)} but it is not there; give it, or leave ${optionOf(lost)} out`,
      );
  };
  needs("--nats", nats, ["items", "labels", "predictions", "gaps"]);
  needs("--stdin", stdin, ["afterRestart", "csvHeader", "csvLabel", "csvId", "csvDelimiter"]);
  needs("--nats or --stdin", nats ?? stdin, ["every", "badMessages"]);
  if (nats === undefined && stdin === undefined) return null;
  return {
    nats: nats === undefined ? null : readNats(nats, words),
    lines: stdin === undefined ? null : readLines(stdin, words),
    every: parseEvery(words.every ?? "30s"),
    badMessages: oneOf(["pass", "stop"], "--bad-messages", words.badMessages ?? "pass"),
  };
}

function readNats(url: string, { items, labels, predictions, gaps = "refuse" }: FollowWords) {
  if (items === undefined)
    throw new InputError("Expected --items beside --nats but it is not there; name their subject");
  if (predictions !== undefined && !/^[^\s*>]+$/.test(predictions))
    throw expected("a subject without * and >", "--predictions", predictions);
  return {
    url,
    items: readPlace(items, "--items"),
    labels: labels === undefined ? undefined : readPlace(labels, "--labels"),
    predictions,
    gaps: oneOf(["refuse", "accept"], "--gaps", gaps),
  };
}

/** `SUBJECT` or `STREAM/SUBJECT`. */
function readPlace(text: string, option: string): Place {
  const [, stream, subject] = /^(?:([^/\s.*>]+)\/)?([^\s/]+)$/.exec(text) ?? [];
  if (subject === undefined) throw expected("SUBJECT or STREAM/SUBJECT", option, text);
  return { subject, stream };
}

function readLines(stdin: string, words: FollowWords): LineSourceOptions {
  const format = oneOf(["ndjson", "csv"], "--stdin", stdin);
  const { csvHeader, csvLabel, csvId, csvDelimiter } = words;
  const columns: CsvOptions = {
    ...(csvHeader !== undefined && { header: csvHeader }),
    ...(csvLabel !== undefined && { label: csvLabel === "none" ? null : readColumn(csvLabel) }),
    ...(csvId !== undefined && { id: readColumn(csvId) }),
    ...(csvDelimiter !== undefined && { delimiter: csvDelimiter === "\\t" ? "\t" : csvDelimiter }),
  };
  const isTold = Object.keys(columns).length > 0;
  const options: LineSourceOptions = {
    format,
    afterRestart: oneOf<"same" | "next">(
      ["same", "next"],
      "--after-restart",
      words.afterRestart ?? "same",
    ),
    ...(isTold && { csv: columns }),
  };
  // Says what is wrong with them.
  lineSource(options);
  return options;
}

const readColumn = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);

function oneOf<Name extends string>(names: readonly Name[], option: string, given: string): Name {
  const name = names.find((each) => each === given);
  if (name === undefined) throw expected(names.join(" or "), option, given);
  return name;
}

const optionOf = (name: string) =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
