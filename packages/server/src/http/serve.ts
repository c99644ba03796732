import type { Service } from "../service.js";
import type { HttpOptions } from "./options.js";
import type { HttpServer } from "./server.js";

/**
 * Serves a learner over HTTP: `POST /predict`, `/label`, `/learn` and `/plan`, `GET /metrics`, `/healthz`,
 * `/readyz`, `/openapi.json`, `/events` and the live page, `/`.
 *
 * ```
 *   head ─> ends? 503 ─> too many? 429 ─> token? 401 ─> room in the queue? 429 ─> body ─> route
 * ```
 *
 * @throws InputError where an option is wrong, others than this machine would reach it without a token, or
 *   the address cannot be listened on.
 */
export async function serve(service: Service, options: HttpOptions = {}): Promise<HttpServer> {
  // Not before something is served: what HTTP needs takes a tenth of a second to load.
  const { startServer } = await import("./server.js");
  return startServer(service, options);
}
