import { json } from "../body/content-type.js";
import type { Route } from "../route.js";

/** `GET /openapi.json`: this service, described by the schemas of its routes. */
export const openapi: Route = {
  method: "GET",
  url: "/openapi.json",
  summary: "This description, as an OpenAPI document",
  answers() {
    return {
      200: {
        description: "The document",
        content: { [json]: { type: "object", required: ["openapi", "paths"] } },
      },
    };
  },
  handle: ({ describe }) => describe(),
};
