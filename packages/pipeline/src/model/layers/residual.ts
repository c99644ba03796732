import { expected } from "../../errors.js";
import type { BoundShapes, Configuration, Layer } from "../layer.js";
import { elementCount, type Shape } from "../shape.js";

/**
 * activation(main(x) + shortcut(x)), one layer as far as planning goes: it is never cut inside.
 * @throws InputError where the two paths give different shapes.
 */
export function bindResidual(
  { main, shortcut }: Configuration<"residual">,
  inputShape: Shape,
  path: string,
): BoundShapes {
  const end = (layers: readonly Layer[]) => layers[layers.length - 1]?.outputShape ?? inputShape;
  const outputShape = end(main);
  if (String(outputShape) !== String(end(shortcut)))
    throw expected(
      "two paths of the same output shape",
      path,
      `[${outputShape}] and [${end(shortcut)}]`,
    );
  const layers = [...main, ...shortcut];
  return {
    outputShape,
    parameters: layers.flatMap((layer) => layer.parameters),
    operations: layers.reduce((sum, layer) => sum + layer.operations, elementCount(outputShape)),
  };
}
