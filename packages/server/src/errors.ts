import { InputError } from "@ferret-ocl/planner";

export { InputError };

/** `Expected X for name but received Y; do this`: the one form of an argument error. */
export function expected(what: string, name: string, received: unknown, remedy?: string) {
  const shown = JSON.stringify(received) ?? String(received);
  return new InputError(
    `Expected ${what} for ${name} but received ${shown.slice(0, 200)}` +
      (remedy === undefined ? "" : `; ${remedy}`),
  );
}
