import type { FastifyError } from "fastify";
import { InputError, TakenIdError, UnknownIdError } from "../errors.js";
import { binary, json, MediaTypeError, ndjson } from "./body/content-type.js";

/** What a client is told: a status, and a sentence. */
export interface Failure {
  readonly status: number;
  readonly error: string;
  /** Seconds after which to try again. */
  readonly retryAfter?: number;
}

/** Something that is refused although nothing is wrong with what came. */
export class Refusal extends Error {
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** By fastify's code: what we say. */
const sentences: Readonly<Record<string, readonly [status: number, error: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    `Expected ${json}, ${binary} or ${ndjson} for the content type but received another one, or one that this ` +
      "route does not take; send one of them",
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    "Expected a body within the limit but received a larger one; send fewer samples at once, or raise the body " +
      "limit",
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    400,
    "Expected as many bytes as the content length says but received another number; send the whole body",
  ],
  FST_BEARER_AUTH_MISSING_AUTHORIZATION_HEADER: [
    401,
    "Expected the header Authorization: Bearer TOKEN but it is missing; send the token of the service",
  ],
  FST_BEARER_AUTH_INVALID_AUTHORIZATION_HEADER: [
    401,
    "Expected the token of the service for the header Authorization but received another one; send Bearer and " +
      "the token",
  ],
};

/** Codes of a client that goes away while it sends: there is nobody left to be told. */
const gone: readonly unknown[] = ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"];

/** What to tell of an error; null: it is ours, and its message nobody else's concern. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Refusal) {
    const { status, message, retryAfter } = error;
    return { status, error: message, ...(retryAfter !== undefined && { retryAfter }) };
  }
  if (error instanceof UnknownIdError) return { status: 404, error: error.message };
  if (error instanceof TakenIdError) return { status: 409, error: error.message };
  if (error instanceof MediaTypeError) return { status: 415, error: error.message };
  if (isInput(error)) return { status: 400, error: error.message };
  const { code, statusCode } = (error ?? {}) as Partial<FastifyError>;
  if (gone.includes(code))
    return { status: 400, error: "Expected the whole request but the connection has ended" };
  if (error instanceof RangeError && /call stack/.test(error.message))
    return {
      status: 400,
      error: "Expected JSON of a few levels but received too many; send flat arrays",
    };
  const [status, sentence] = sentences[code ?? ""] ?? [];
  if (status !== undefined && sentence !== undefined) return { status, error: sentence };
  if (statusCode !== undefined && statusCode < 500)
    return {
      status: statusCode,
      error: `Expected a request that can be read but: ${(error as Error).message}`,
    };
  return null;
}

/** Also that of another copy of the package. */
const isInput = (error: unknown): error is InputError =>
  error instanceof InputError || (error as { code?: unknown } | null)?.code === "FERRET_INPUT";

export const inside: Failure = {
  status: 500,
  error: "Expected to be able to answer but something failed in the service; its log tells what",
};
