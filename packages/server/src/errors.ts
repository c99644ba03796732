import { InputError } from "@ferret-ocl/planner";

export { InputError };

/** `Expected X for name but received Y; do this`: the one form of an argument error. */
export function expected(what: string, name: string, received: unknown, remedy?: string) {
  return new InputError(sentence(what, name, received, remedy));
}

function sentence(what: string, name: string, received: unknown, remedy?: string): string {
  const shown = JSON.stringify(received) ?? String(received);
  return (
    `Expected ${what} for ${name} but received ${shown.slice(0, 200)}` +
    (remedy === undefined ? "" : `; ${remedy}`)
  );
}

/** A label came for samples that do not wait: they never did, have been labelled, or are gone. */
export class UnknownIdError extends InputError {
  /** @param ids of the samples that do not wait. */
  constructor(ids: readonly string[]) {
    super(
      sentence(
        "the id of a sample that waits for its label",
        "id",
        ids.length === 1 ? ids[0] : ids,
        "it is unknown, has its label, or has expired",
      ),
    );
  }
}

/** A sample came under an id under which another one waits. */
export class TakenIdError extends InputError {
  constructor(id: string) {
    super(
      sentence(
        "an id under which no other sample waits",
        "id",
        id,
        "choose another one, or leave it out",
      ),
    );
  }
}
