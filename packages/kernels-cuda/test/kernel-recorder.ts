import type { VectorKernels } from "@ferret-ocl/compensation";

type Kernel = (...call: unknown[]) => unknown;

/** Zero, one or more: what tells empty, single and long arrays apart. */
const size = (length: number): string => (length < 2 ? `${length}` : "many");

/**
 * What a call looks like to a kernel, whatever its numbers: for each argument what it is and how
 * long, which arrays are one and the same, and whether a step is made.
 */
function shapeOf(name: string, call: readonly unknown[]): string {
  const met: unknown[] = [];
  const array = (value: Float32Array | Float64Array): string => {
    const before = met.indexOf(value);
    if (before < 0) met.push(value);
    const kind = value instanceof Float32Array ? "float32" : "float64";
    return `${kind} ${size(value.length)} #${before < 0 ? met.length - 1 : before}`;
  };
  const argument = (value: unknown): string => {
    if (value instanceof Float32Array || value instanceof Float64Array) return array(value);
    // Of many versions the first and the last stand for all.
    if (Array.isArray(value)) {
      const ends = value.length > 2 ? [value[0], value.at(-1)] : value;
      return `[${ends.map(argument).join(value.length > 2 ? " ... " : ", ")}]`;
    }
    return typeof value === "number" ? (value > 0 ? "above 0" : "0") : typeof value;
  };
  return `${name}(${call.map(argument).join(", ")})`;
}

/** The kernels, and the shapes of the calls that come to them. */
export function recordKernels(kernels: VectorKernels): {
  kernels: VectorKernels;
  shapes: Set<string>;
} {
  const shapes = new Set<string>();
  const recording = Object.entries(kernels)
    .filter(([, kernel]) => typeof kernel === "function")
    .map(([name, kernel]) => [
      name,
      (...call: unknown[]) => {
        shapes.add(shapeOf(name, call));
        return (kernel as Kernel)(...call);
      },
    ]);
  return { kernels: Object.fromEntries(recording) as VectorKernels, shapes };
}
