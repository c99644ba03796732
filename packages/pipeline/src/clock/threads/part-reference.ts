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
