import { methodNames, methods } from "../../methods/registry.js";
import type { Contender } from "./contract.js";

/** Every fixed pipeline schedule. */
export const schedules: readonly Contender[] = methodNames
  .filter((name) => "takesStages" in methods[name])
  .map((method) => ({ label: scheduleLabel(method), variation: { method } }));

function scheduleLabel(method: keyof typeof methods): string {
  // No schedule's name depends on the setting.
  return methods[method].label({} as never);
}
