import type { LayerKind } from "../layer.js";
import { conv2d } from "./conv2d.js";
import { dense } from "./dense.js";
import { flatten } from "./flatten.js";
import { averagePooling2d, maxPooling2d } from "./pooling2d.js";

const kinds: readonly LayerKind[] = [dense, conv2d, maxPooling2d, averagePooling2d, flatten];

/** Every layer kind by its Keras class name. */
export const layerKinds: ReadonlyMap<string, LayerKind> = new Map(
  kinds.map((kind) => [kind.className, kind]),
);
