import type { Route } from "../route.js";

/** `GET /metrics`: figures in the text format of Prometheus. */
export const metrics: Route = {
  method: "GET",
  url: "/metrics",
  summary: "Figures of the learner and the service, in the text format of Prometheus",
  answers() {
    return {
      200: { description: "The figures", content: { "text/plain": { type: "string" } } },
    };
  },
  async handle({ metrics }, _, reply) {
    reply.type(metrics.contentType);
    return metrics.text();
  },
};
