import { setTimeout as sleep } from "node:timers/promises";
import { json } from "../body/content-type.js";
import { Refusal } from "../failure.js";
import type { Route } from "../route.js";
import { record } from "../schemas.js";

const status = (value: string) => ({
  200: { description: "It is", content: { [json]: record({ status: { const: value } }) } },
});

/** `GET /healthz`: whether the process answers. */
export const healthz: Route = {
  method: "GET",
  url: "/healthz",
  summary: "Whether the process answers",
  open: true,
  answers: () => status("ok"),
  handle: () => ({ status: "ok" }),
};

/** `GET /readyz`: whether requests are taken. */
export const readyz: Route = {
  method: "GET",
  url: "/readyz",
  summary: "Whether requests are taken: the learner is open, and the service does not end",
  open: true,
  answers: () => status("ready"),
  errors: { 503: "The service is ending" },
  handle({ draining }) {
    if (draining.aborted) throw ending();
    return { status: "ready" };
  },
};

/** What requests are told once the service ends. */
export function ending(): Refusal {
  return new Refusal(503, "Expected a service that goes on but it is ending; ask again later", 1);
}
