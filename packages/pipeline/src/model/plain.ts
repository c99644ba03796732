import { expected } from "../errors.js";

/** Levels of objects and lists in a specification; Keras' own has about ten. */
const mostLevels = 64;

/**
 * Refuses a specification made in a program that no JSON file could hold: with a place of a list
 * that was never set, a number that is not finite, a function, an object that contains itself.
 * Readers need not think of these then. What is `undefined` in an object is not set.
 *
 * @throws InputError that names the place.
 */
export function requirePlain(specification: unknown): void {
  const keys: (string | number)[] = [];
  const path = () =>
    keys.reduce<string>(
      (at, key) => at + (typeof key === "number" ? `[${key}]` : `.${key}`),
      "model",
    );
  /** Objects that have been looked at, and whether the walk is inside of them. */
  const seen = new Map<object, boolean>();
  const visit = (value: unknown, inList: boolean): void => {
    if (typeof value !== "object" || value === null) {
      const isJson =
        value === null ||
        typeof value === "string" ||
        typeof value === "boolean" ||
        Number.isFinite(value) ||
        (value === undefined && !inList);
      if (!isJson) throw expected("JSON", path(), value);
      return;
    }
    if (keys.length >= mostLevels) throw expected(`at most ${mostLevels} levels`, path(), "more");
    if (seen.get(value)) throw expected("JSON", path(), "an object that contains itself");
    // What several places share needs no second look.
    if (seen.has(value)) return;
    seen.set(value, true);
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, each] of entries) {
      keys.push(key);
      visit(each, Array.isArray(value));
      keys.pop();
    }
    seen.set(value, false);
  };
  visit(specification, true);
}
