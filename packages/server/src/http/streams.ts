import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { InputError } from "../errors.js";
import { answerLines } from "./body/answer-lines.js";
import { binary, ndjson, readContentType } from "./body/content-type.js";
import { failureOf, inside } from "./failure.js";
import type { Context } from "./route.js";

const mediaOf = ({ headers }: FastifyRequest) => readContentType(headers["content-type"]).media;

export const isNdjson = (request: FastifyRequest) => mediaOf(request) === ndjson;
export const isRaw = (request: FastifyRequest) => mediaOf(request) === binary;

/** Batches that are read ahead of a stream of lines. */
const batchesAhead = 4;

/** Answers a stream of JSON lines by one. */
export function byLines(
  { service, settings, queue, draining }: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: (value: unknown) => Promise<object>,
): FastifyReply {
  const { socket } = request.raw;
  // A pause, not the whole, is what may not take too long.
  socket.setTimeout(settings.requestTimeout);
  const text = answerLines(request.body as AsyncIterable<Buffer>, {
    most: batchesAhead * service.learner.profile.batch,
    lineLimit: settings.bodyLimit,
    queue,
    stop: draining,
    async answer(line) {
      try {
        return await answer(parse(line));
      } finally {
        service.countRequest();
      }
    },
    failure(error) {
      const failure = failureOf(error);
      if (!failure) settings.onFailure(error);
      return { error: (failure ?? inside).error };
    },
  });
  return reply.type(ndjson).send(Readable.from(text));
}

/** @throws InputError where it is no JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `Expected JSON for the body but it cannot be read (${(error as Error).message}); correct it`,
    );
  }
}
