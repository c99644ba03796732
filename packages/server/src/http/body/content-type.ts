import { InputError } from "../../errors.js";

export const json = "application/json";
export const binary = "application/octet-stream";
export const ndjson = "application/x-ndjson";

/** What the numbers of a raw body are. */
export type NumberType = "float32" | "uint8";

/** The media type and, of a raw body, the type of its numbers; undefined: an unknown one. */
export function readContentType(header: string | undefined): {
  readonly media: string;
  readonly dtype: NumberType | undefined;
} {
  const [media = "", ...parameters] = (header ?? "").split(";").map((part) => part.trim());
  const given = parameters.map((part) => /^dtype="?([^"]*)"?$/i.exec(part)?.[1]);
  const dtype = given.find((name) => name !== undefined) ?? "float32";
  const isKnown = dtype === "float32" || dtype === "uint8";
  return { media: media.toLowerCase(), dtype: isKnown ? dtype : undefined };
}

/** A body of a kind that the service does not read. */
export class MediaTypeError extends InputError {}
