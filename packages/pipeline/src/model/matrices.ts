import type { ParameterMatrix } from "@ferret-ocl/compensation";
import type { Layer } from "./layer.js";
import { elementCount } from "./shape.js";

/**
 * The matrices among the parameters of consecutive layers, one column an output: kernels of dense
 * and convolutional layers, each with the bias that follows it as one more row.
 */
export function findMatrices(layers: readonly Layer[]): ParameterMatrix[] {
  const matrices: ParameterMatrix[] = [];
  let offset = 0;
  for (const { parameters } of layers)
    for (const [index, { shape }] of parameters.entries()) {
      const length = elementCount(shape);
      const columns = shape[shape.length - 1] as number;
      if (shape.length > 1 && columns > 1) {
        const after = parameters[index + 1]?.shape;
        const hasBias = after?.length === 1 && after[0] === columns;
        matrices.push({ offset, rows: length / columns + (hasBias ? 1 : 0), columns });
      }
      offset += length;
    }
  return matrices;
}
