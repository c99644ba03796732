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

/** Milliseconds in which a learner that works has predicted something. */
const patience = 5000;

/** `GET /readyz`: whether requests are taken. */
export const readyz: Route = {
  method: "GET",
  url: "/readyz",
  summary: "Whether requests are taken: the learner predicts, and the service does not end",
  open: true,
  answers: () => status("ready"),
  errors: { 503: "The service is ending, or its learner predicts nothing" },
  async handle({ draining, service }) {
    if (draining.aborted) throw ending();
    const { learner, inputLength } = service;
    const late = new AbortController();
    const isLate = sleep(patience, false, { signal: late.signal });
    isLate.catch(() => {});
    const predicted = learner.predict(new Float32Array(inputLength)).then(
      () => true,
      () => false,
    );
    const isReady = await Promise.race([predicted, isLate]);
    late.abort();
    if (isReady) return { status: "ready" };
    throw new Refusal(
      503,
      "Expected a learner that predicts but it has failed, or is far behind; start the service again if that stays",
      1,
    );
  },
};

/** What requests are told once the service ends. */
export function ending(): Refusal {
  return new Refusal(503, "Expected a service that goes on but it is ending; ask again later", 1);
}
