import type { SwaggerOptions } from "@fastify/swagger";
import type { FastifySchema } from "fastify";
import { json } from "./body/content-type.js";
import type { Route, Schema } from "./route.js";
import { failure } from "./schemas.js";

/** Of the interface; what breaks clients makes the first number rise. */
const version = "1.0.0";

/** Errors of every route that takes requests. */
const usual: Readonly<Record<number, string>> = {
  421: "The request is for another host than this machine, without a token",
  429: "Too much at once; try again after the seconds that Retry-After says",
  503: "The service is ending",
};
const ofBodies: Readonly<Record<number, string>> = {
  400: "The request is wrong; nothing of it counts",
  408: "The request did not come in time",
  413: "The body is too large",
  415: "The content type is none that is read",
};

/** The document's head. */
export function documentSettings(hasToken: boolean): SwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Ferret",
        description:
          "A learner on a stream: predictions, labels that come later, learning, figures",
        version,
      },
      ...(hasToken && {
        components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      }),
    },
  };
}

/** A route, as the document tells of it. */
export function describeRoute(route: Route, isOfValues: boolean, hasToken: boolean): FastifySchema {
  const { summary, description, query, body, errors = {}, open = false } = route;
  const failures = {
    ...(body && ofBodies),
    ...(hasToken && !open && { 401: "The token is missing or another one" }),
    ...(!open && usual),
    ...errors,
  } as Readonly<Record<number, string>>;
  const told = Object.entries(failures).map(([status, text]) => [
    status,
    { description: text, content: content({ [json]: failure }) },
  ]);
  const answers = Object.entries(route.answers(isOfValues)).map(([status, answer]) => [
    status,
    { description: answer.description, content: content(answer.content) },
  ]);
  return {
    summary,
    ...(description !== undefined && { description }),
    ...(query && { querystring: { type: "object", properties: query } }),
    ...(body && { body: { content: content(body(isOfValues)) } }),
    response: Object.fromEntries([...answers, ...told]),
    ...(hasToken && !open && { security: [{ token: [] }] }),
  } as FastifySchema;
}

const content = (bodies: Readonly<Record<string, Schema>>) =>
  Object.fromEntries(Object.entries(bodies).map(([media, schema]) => [media, { schema }]));
