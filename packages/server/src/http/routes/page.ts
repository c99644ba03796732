import { type LiveFile, liveFiles, livePolicy } from "../../live/files.js";
import type { Route } from "../route.js";

/** `GET /` and what the live page needs: it shows nothing by itself, so it is open to everyone. */
export const page: readonly Route[] = [...liveFiles()].map(([url, file]) => routeOf(url, file));

function routeOf(url: string, { type, text }: LiveFile): Route {
  const [media = type] = type.split(";");
  return {
    method: "GET",
    url,
    summary: url === "/" ? "The live page" : "A part of the live page",
    open: true,
    answers: () => ({
      200: { description: "The file", content: { [media]: { type: "string" } } },
    }),
    handle: (_, __, reply) =>
      reply
        .type(type)
        .header("content-security-policy", livePolicy)
        .header("x-content-type-options", "nosniff")
        .send(text),
  };
}
