import { kernelParameters, type VectorKernels } from "../contract.js";
import type { Parameter } from "../parameters.js";

type Kernel = (...call: unknown[]) => unknown;
type Draw = (length: number) => Float32Array;

const rows = 2;
const columns = 3;

/** How long the array of a parameter is in a call for a matrix of 2 x 3. */
const lengthOf = ({ kind, count }: Parameter): number =>
  ({ vector: 6, versions: 6, number: 0, doubles: count, rows, columns: columns * count })[kind];

function argument(parameter: Parameter, draw: Draw, length = lengthOf(parameter)): unknown {
  const { kind } = parameter;
  if (kind === "number") return 0.5;
  if (kind === "vector") return draw(length);
  if (kind === "versions") return [draw(length), draw(length), draw(length)];
  return Float64Array.from(draw(length));
}

/** What a parameter may not be where the others fit each other. */
function misfits(parameter: Parameter, isAlone: boolean, draw: Draw): unknown[] {
  const { kind } = parameter;
  const length = lengthOf(parameter);
  if (kind === "number") return [undefined, "0.5"];
  const wrongType = [null, [0.5], kind === "vector" ? new Float64Array(length) : draw(length)];
  if (kind === "versions")
    return [...wrongType, [draw(length), null], [draw(length), draw(length - 1), draw(length)]];
  const lengths = kind === "doubles" ? [length - 1] : isAlone ? [] : [length - 1, length + 1, 0];
  return [...wrongType, ...lengths.map((wrong) => argument(parameter, draw, wrong))];
}

/** Calls with one argument that does not fit the rest, and blocks that are no matrix beside one. */
export function checkMisfits(kernels: VectorKernels, draw: Draw): void {
  for (const [name, parameters] of Object.entries(kernelParameters)) {
    const kernel = kernels[name as keyof VectorKernels] as Kernel | undefined;
    if (!kernel) continue;
    const drawCall = () => parameters.map((parameter) => argument(parameter, draw));
    const isAlone = parameters.length === 1;
    parameters.forEach((parameter, place) => {
      for (const misfit of misfits(parameter, isAlone, draw)) {
        const call = drawCall();
        call[place] = misfit;
        checkRefusal(name, kernel, call, parameter.name);
      }
    });
    const isMatrix = parameters.some(({ kind }) => kind === "rows");
    for (const emptied of isMatrix ? [["rows"], ["columns"], ["rows", "columns"]] : []) {
      // A kernel that takes vectors of no shape has neither rows nor columns then.
      if (emptied.length === 2 && parameters.some(({ mayBeNone }) => mayBeNone)) continue;
      const call = parameters.map((parameter) =>
        argument(parameter, draw, emptied.includes(parameter.kind) ? 0 : undefined),
      );
      checkRefusal(name, kernel, call, `no ${emptied.join(" and no ")}`);
    }
  }
}

function checkRefusal(name: string, kernel: Kernel, call: unknown[], what: string): void {
  const kept = structuredClone(call);
  let refusal: unknown;
  try {
    kernel(...call);
  } catch (error) {
    refusal = error;
  }
  if (!(refusal instanceof TypeError))
    throw new Error(`Expected a TypeError of ${name} for a misfit at ${what} but got ${refusal}`);
  if (JSON.stringify(call) !== JSON.stringify(kept))
    throw new Error(`Expected ${name} to write nothing when it refuses ${what} but it did`);
}
