/** What a kernel takes at one place of its call. */
export interface Parameter {
  readonly name: string;
  /**
   * `vector`: a Float32Array of the length that all of a call have; `versions`: several of them;
   * `doubles`: a Float64Array of at least `count`; `rows`, `columns`: one of `count` for each row or
   * column of the matrix that each vector is.
   */
  readonly kind: "vector" | "versions" | "number" | "doubles" | "rows" | "columns";
  readonly isWritten: boolean;
  readonly count: number;
  /** Rows of which there may be none, and no columns then: vectors of no shape are taken too. */
  readonly mayBeNone?: boolean;
}

const parameter =
  (kind: Parameter["kind"], isWritten: boolean) =>
  (name: string, count = 1): Parameter => ({ name, kind, isWritten, count });

export const written = parameter("vector", true);
export const read = parameter("vector", false);
export const number = parameter("number", false);
export const writtenDoubles = parameter("doubles", true);
export const readRows = parameter("rows", false);
export const rowsIfAny = (name: string): Parameter => ({ ...readRows(name), mayBeNone: true });
export const writtenRows = parameter("rows", true);
export const readColumns = parameter("columns", false);
export const writtenColumns = parameter("columns", true);

export const versions = parameter("versions", false)("versions");
/** A gradient, the newest weights and those that it was computed with. */
export const changing = [read("gradient"), read("newest"), read("origin")];
