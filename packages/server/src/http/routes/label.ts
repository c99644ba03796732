import type { LateLabel } from "../../service-contract.js";
import { json, ndjson } from "../body/content-type.js";
import { readEntries } from "../body/entries.js";
import type { Context, Route } from "../route.js";
import { id, learned, lines, oneOrMany, record, truth } from "../schemas.js";
import { byLines, isNdjson } from "../streams.js";

/** `POST /label`: the labels of samples that were predicted. */
export const label: Route = {
  method: "POST",
  url: "/label",
  summary: "Learns samples that were predicted, by their ids",
  description:
    "One label as an object, several as an array of objects, all of which are learned or none, or as lines of " +
    "JSON, each of which is learned by itself.",
  body(isOfValues) {
    const entry = record({ id, label: truth(isOfValues) });
    return { [json]: oneOrMany(entry), [ndjson]: entry };
  },
  answers() {
    return {
      200: {
        description: "How many were taken in",
        content: { [json]: learned, [ndjson]: lines(learned) },
      },
    };
  },
  errors: { 404: "No sample waits under this id" },
  handle(context, request, reply) {
    if (isNdjson(request))
      return byLines(context, request, reply, (line) => labelAll(context, line));
    return labelAll(context, request.body);
  },
};

async function labelAll({ service }: Context, body: unknown): Promise<object> {
  const { entries } = readEntries(body, ["id", "label"]);
  return { learned: await service.labelAll(entries as unknown as LateLabel[]) };
}
