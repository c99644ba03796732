import { checkReference } from "../../check-options.js";
import { InputError } from "../../errors.js";
import type { PartReference } from "./part-reference.js";

/**
 * Imports the function that a reference names, with its first arguments filled in.
 * @throws InputError where the module cannot be imported or has no such function.
 */
export async function importPart(
  reference: PartReference,
): Promise<(...rest: unknown[]) => unknown> {
  checkReference(reference, "reference");
  let module: Record<string, unknown>;
  try {
    module = (await import(reference.module)) as Record<string, unknown>;
  } catch (error) {
    throw new InputError(
      `Expected a module that can be imported from "${reference.module}" but it cannot be ` +
        `(${(error as Error).message}); name a package or the URL of a file`,
    );
  }
  const make = module[reference.export];
  if (typeof make !== "function")
    throw new InputError(
      `Expected a function "${reference.export}" in ${reference.module} but it exports ` +
        `${Object.keys(module).join(", ") || "nothing"}`,
    );
  return (...rest) => make(...reference.arguments, ...rest);
}
