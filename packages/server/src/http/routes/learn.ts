import type { Labels, Targets } from "@ferret-ocl/pipeline";
import { expected } from "../../errors.js";
import { binary, json, ndjson } from "../body/content-type.js";
import { at, readEntries } from "../body/entries.js";
import { readRaw } from "../body/raw.js";
import { join, readSample } from "../body/read-samples.js";
import type { Context, Route } from "../route.js";
import { learned, lines, oneOrMany, raw, record, sample, truth } from "../schemas.js";
import { byLines, isNdjson, isRaw } from "../streams.js";

/** `POST /learn`: samples whose labels are known. */
export const learn: Route = {
  method: "POST",
  url: "/learn",
  summary: "Learns samples with their labels",
  description:
    "One sample as an object, several as an array of objects, as raw numbers with the labels in the query, or " +
    "as lines of JSON. Each is predicted before it is learned, for the metrics.",
  query: {
    y: {
      type: "string",
      description: "For raw numbers: their labels, or target values, separated by commas",
    },
  },
  body(isOfValues) {
    const entry = record({ x: sample, y: truth(isOfValues) });
    return { [json]: oneOrMany(entry), [binary]: raw, [ndjson]: entry };
  },
  answers() {
    return {
      200: {
        description: "How many were taken in",
        content: { [json]: learned, [ndjson]: lines(learned) },
      },
    };
  },
  async handle(context, request, reply) {
    if (isNdjson(request))
      return byLines(context, request, reply, (line) => learnAll(context, line));
    if (!isRaw(request)) return learnAll(context, request.body);
    const x = readRaw(request.body as Buffer, request.headers["content-type"]);
    const y = readNumbers((request.query as { readonly y?: unknown }).y);
    return { learned: await context.service.learn(x, y as Labels | Targets) };
  },
};

async function learnAll({ service }: Context, body: unknown): Promise<object> {
  const { entries, isMany } = readEntries(body, ["x", "y"]);
  const { inputLength } = service;
  const samples = entries.map(({ x }, index) =>
    at(index, isMany, () => readSample(x, inputLength)),
  );
  const y = entries.map((entry) => entry.y);
  return { learned: await service.learn(join(samples, inputLength), y as Labels | Targets) };
}

function readNumbers(text: unknown): number[] {
  const parts = typeof text === "string" ? text.split(",") : [];
  const numbers = parts.map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.length > 0 && numbers.every(Number.isFinite)) return numbers;
  throw expected("numbers separated by commas, such as ?y=3,1,", "y in the query", text);
}
