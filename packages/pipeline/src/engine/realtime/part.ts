import { checkReference } from "../../check-options.js";
import { InputError } from "../../errors.js";

/**
 * A part of a run that every thread makes for itself: functions do not travel between threads,
 * but what makes them can be named.
 *
 * ```ts
 * { module: import.meta.resolve("@ferret-ocl/ocl-algorithms"), export: "createAlgorithm", arguments: ["er"] }
 * ```
 */
export interface PartReference {
  /** What `import()` takes: a package's name or a file's URL. */
  readonly module: string;
  /** Name of the exported function. */
  readonly export: string;
  /** Its first arguments; must survive a structured clone. */
  readonly arguments: readonly unknown[];
}

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
