import type { PlanRequest } from "@ferret-ocl/planner";
import { InputError } from "./errors.js";
import { printable } from "./printable.js";
import type { GivenPlan } from "./setting.js";

/**
 * What is given of a plan, for the planner.
 * @throws InputError where it was planned for another model.
 */
export function givenFor(
  { model: name }: { readonly model: string },
  { model, ...given }: GivenPlan,
): Pick<PlanRequest, "partition" | "workers" | "inFlight"> {
  if (model === undefined || model === name) return given;
  throw new InputError(
    `Expected workers that were planned for the model ${name} for --workers but received those ` +
      `for ${printable(model)}; plan this model, or give its plan`,
  );
}
