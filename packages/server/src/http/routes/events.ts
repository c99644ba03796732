import type { Route } from "../route.js";

/** `GET /events`: what the live page shows, as it changes. */
export const events: Route = {
  method: "GET",
  url: "/events",
  summary: "What the live page shows, as server-sent events: past once, then now twice a second",
  answers() {
    return {
      200: {
        description: "The events, until the service ends",
        content: { "text/event-stream": { type: "string" } },
      },
    };
  },
  handle({ feed }, request, reply) {
    const headers = { "x-ferret-plan": "yes" };
    if (request.method === "HEAD") return reply.headers({ ...feed.headers, ...headers }).send("");
    // Readers stay for as long as they like.
    request.raw.socket.setTimeout(0);
    reply.hijack();
    feed.answer(reply.raw, headers);
    return reply;
  },
};
