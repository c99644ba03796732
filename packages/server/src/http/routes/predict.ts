import type { ServedPrediction } from "../../service-contract.js";
import { binary, json, ndjson } from "../body/content-type.js";
import { at, readEntries } from "../body/entries.js";
import { readRaw } from "../body/raw.js";
import { join, readSample } from "../body/read-samples.js";
import type { Context, Route } from "../route.js";
import { id, lines, oneOrMany, prediction, raw, record, sample } from "../schemas.js";
import { byLines, isNdjson, isRaw } from "../streams.js";

/** `POST /predict`: what the learner says of samples, which then wait for their labels. */
export const predict: Route = {
  method: "POST",
  url: "/predict",
  summary: "Predicts samples, which then wait for their labels under their ids",
  description:
    "One sample as an object, several as an array of objects, as raw numbers, or as lines of JSON; the answer " +
    "has the same form, that to raw numbers is an array.",
  body() {
    const entry = record({ x: sample, id }, ["id"]);
    return { [json]: oneOrMany(entry), [binary]: raw, [ndjson]: entry };
  },
  answers(isOfValues) {
    const each = prediction(isOfValues);
    return {
      200: {
        description: "What was predicted",
        content: { [json]: oneOrMany(each), [ndjson]: lines(each) },
      },
    };
  },
  errors: { 409: "Another sample waits under this id" },
  async handle(context, request, reply) {
    if (isNdjson(request))
      return byLines(context, request, reply, async (line) => {
        const [first] = await predictAll(context, line);
        return first as object;
      });
    if (isRaw(request)) {
      const x = readRaw(request.body as Buffer, request.headers["content-type"]);
      return (await context.service.predictAll(x)).map(shown);
    }
    const many = await predictAll(context, request.body);
    return Array.isArray(request.body) ? many : many[0];
  },
};

async function predictAll({ service }: Context, body: unknown): Promise<object[]> {
  const { entries, isMany } = readEntries(body, ["x"], ["id"]);
  const { inputLength } = service;
  const samples = entries.map(({ x }, index) =>
    at(index, isMany, () => readSample(x, inputLength)),
  );
  const ids = entries.map(({ id }) => id as string | undefined);
  return (await service.predictAll(join(samples, inputLength), ids)).map(shown);
}

/** As JSON has it. */
function shown({ id, label, probabilities, values }: ServedPrediction): object {
  return values
    ? { id, values: Array.from(values) }
    : { id, label, probabilities: Array.from(probabilities) };
}
