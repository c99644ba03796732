import type { Parameter } from "./parameters.js";

const mostVersions = 1024;

/**
 * The same kernels, which refuse what the native ones do and with the same words: arrays of another
 * type or of lengths that do not fit, and arrays that overlap where one of them is written. One that
 * is written may be the very vector that is read: an element is read before it is written.
 */
export function checkedKernels<Kernels>(
  kernels: Kernels,
  parametersOf: { readonly [Name in keyof Kernels]: readonly Parameter[] },
): Kernels {
  const checked = Object.entries(kernels as object).map(([name, kernel]) => {
    const parameters = parametersOf[name as keyof Kernels];
    const run = kernel as (...call: unknown[]) => unknown;
    return [
      name,
      (...call: unknown[]) => {
        checkCall(parameters, call);
        return run(...call);
      },
    ];
  });
  return Object.fromEntries(checked) as Kernels;
}

/** What the arguments of a call know together; -1: not met yet. */
interface Extents {
  vector: number;
  rows: number;
  columns: number;
}

function checkCall(parameters: readonly Parameter[], call: readonly unknown[]): void {
  const known: Extents = { vector: -1, rows: -1, columns: -1 };
  for (let place = 0; place < parameters.length; place++)
    checkArgument(parameters[place] as Parameter, call[place], known);
  const { vector, rows, columns } = known;
  const hasNoShape = rows === 0 && columns === 0 && parameters.some(({ mayBeNone }) => mayBeNone);
  const isMatrix = rows >= 0 && !hasNoShape;
  if (isMatrix && vector !== rows * columns)
    refuse(`${rows} x ${columns} elements`, (parameters[0] as Parameter).name, `${vector}`);
  for (let place = 0; place < parameters.length; place++)
    for (let other = place + 1; other < parameters.length; other++)
      checkApart(
        parameters[place] as Parameter,
        call[place],
        parameters[other] as Parameter,
        call[other],
      );
}

function checkArgument({ name, kind, count }: Parameter, value: unknown, known: Extents): void {
  switch (kind) {
    case "number":
      if (typeof value !== "number") refuse("a number", name, described(value));
      return;
    case "vector":
      agree(known, "vector", lengthOf(value, "Float32Array", name), name, 1);
      return;
    case "versions":
      if (!Array.isArray(value)) refuse("an array", name, described(value));
      if (value.length > mostVersions)
        refuse(`an array of at most ${mostVersions}`, name, `${value.length}`);
      for (let index = 0; index < value.length; index++)
        agree(known, "vector", lengthOf(value[index], "Float32Array", name), name, 1);
      return;
    case "doubles": {
      const length = lengthOf(value, "Float64Array", name);
      if (length < count) refuse(`${count} elements`, name, `${length}`);
      return;
    }
    default:
      agree(known, kind, lengthOf(value, "Float64Array", name), name, count);
  }
}

/** Holds a length to the one that is known, which the first that is met becomes. */
function agree(
  known: Extents,
  extent: keyof Extents,
  length: number,
  name: string,
  times: number,
): void {
  if (known[extent] < 0) known[extent] = Math.floor(length / times);
  const wanted = known[extent] * times;
  if (length !== wanted) refuse(`${wanted} elements`, name, `${length}`);
}

type Vector = Float32Array | Float64Array;

const typeOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Float32Array.prototype),
  Symbol.toStringTag,
)?.get as () => string | undefined;

function lengthOf(value: unknown, type: string, name: string): number {
  if (typeOf.call(value) !== type) refuse(`a ${type}`, name, described(value));
  return (value as Vector).length;
}

function checkApart(one: Parameter, value: unknown, other: Parameter, counterpart: unknown): void {
  if (!one.isWritten && !other.isWritten) return;
  if (one.kind === "number" || other.kind === "number") return;
  const isVector = ({ kind }: Parameter) => kind === "vector" || kind === "versions";
  const mayBeSame = isVector(one) && isVector(other) && !(one.isWritten && other.isWritten);
  // Versions are only read, and come after every vector that is written.
  const counterparts = other.kind === "versions" ? (counterpart as Vector[]) : null;
  for (let index = 0; index < (counterparts?.length ?? 1); index++) {
    const first = value as Vector;
    const second = (counterparts?.[index] ?? counterpart) as Vector;
    if (first.buffer !== second.buffer) continue;
    if (mayBeSame && first.byteOffset === second.byteOffset) continue;
    const meet =
      first.byteOffset < second.byteOffset + second.byteLength &&
      second.byteOffset < first.byteOffset + first.byteLength &&
      first.byteLength > 0 &&
      second.byteLength > 0;
    if (meet)
      throw new TypeError(
        `Expected ${one.name} and ${other.name} apart from each other but they overlap`,
      );
  }
}

function refuse(wanted: string, name: string, received: string): never {
  throw new TypeError(`Expected ${wanted} for ${name} but received ${received}`);
}

/** What came instead of what was expected, in the words of the native kernels. */
function described(value: unknown): string {
  if (value === null || ["number", "boolean", "undefined"].includes(typeof value))
    return String(value);
  if (typeof value === "string") return "a string";
  if (typeof value !== "object" && typeof value !== "function") return "another value";
  const { constructor: maker } = value as { constructor?: unknown };
  return typeof maker === "function" ? `an object of type ${maker.name}` : "an object";
}
