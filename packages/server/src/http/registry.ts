import type { Route } from "./route.js";
import { events } from "./routes/events.js";
import { healthz, readyz } from "./routes/health.js";
import { label } from "./routes/label.js";
import { learn } from "./routes/learn.js";
import { metrics } from "./routes/metrics.js";
import { openapi } from "./routes/openapi.js";
import { page } from "./routes/page.js";
import { plan } from "./routes/plan.js";
import { predict } from "./routes/predict.js";

/** Every route; one row each. */
export const routes: readonly Route[] = [
  predict,
  label,
  learn,
  plan,
  metrics,
  healthz,
  readyz,
  openapi,
  events,
  ...page,
];
