import type { LearnerChange } from "@ferret-ocl/pipeline";
import { memoryCategories } from "@ferret-ocl/pipeline/engine";
import { describePlan } from "../../describe-plan.js";
import { json } from "../body/content-type.js";
import { readFields } from "../body/entries.js";
import type { Route, Schema } from "../route.js";
import { record } from "../schemas.js";

const bytes: Schema = { type: "integer", minimum: 0 };
const budget: Schema = {
  anyOf: [{ type: "integer", minimum: 1 }, { type: "string" }, { type: "null" }],
  description: "Bytes, a size such as 40MiB, or min, 2bw or none",
};
const interval: Schema = {
  anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "string" }, { type: "null" }],
  description:
    "Milliseconds, or a duration such as 5ms; null on threads: the shortest that they can keep up with",
};

/** `POST /plan`: another budget or pace, while the stream flows. */
export const plan: Route = {
  method: "POST",
  url: "/plan",
  summary: "Plans anew under another memory budget or arrival interval, and goes on with that",
  body() {
    return {
      [json]: record({ memoryBudget: budget, arrivalInterval: interval }, [
        "memoryBudget",
        "arrivalInterval",
      ]),
    };
  },
  answers() {
    const nullable = (schema: Schema) => ({ anyOf: [schema, { type: "null" }] });
    return {
      200: {
        description: "The plan that is in force",
        content: {
          [json]: record({
            memoryBudget: nullable(bytes),
            arrivalInterval: { type: "number" },
            stageCount: { type: "integer", minimum: 1 },
            workerCount: { type: "integer", minimum: 1 },
            memory: record({
              total: bytes,
              byCategory: record(
                Object.fromEntries([...memoryCategories, "waiting"].map((name) => [name, bytes])),
              ),
            }),
          }),
        },
      },
    };
  },
  async handle({ service }, request) {
    await service.replan(
      readFields(request.body, [], ["memoryBudget", "arrivalInterval"]) as LearnerChange,
    );
    return describePlan(service);
  },
};
