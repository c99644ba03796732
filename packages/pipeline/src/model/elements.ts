import { expected } from "../errors.js";
import { isRecord } from "./read.js";

/** A Keras layer as it stands in a specification, before shapes are known. */
export interface LayerElement {
  readonly className: string;
  readonly config: Record<string, unknown>;
  readonly name: string;
  /** Where it stands in the specification, for messages. */
  readonly path: string;
  /** The layer that it is a part of: whose name its parameters bear, and what that calls them. */
  readonly owner?: { readonly name: string; readonly renames: Readonly<Record<string, string>> };
}

/** A residual block: two paths from one place that meet in an `Add`. */
interface ResidualElement {
  readonly name: string;
  readonly path: string;
  readonly main: readonly Element[];
  readonly shortcut: readonly Element[];
}

export type Element = LayerElement | ResidualElement;

/** Reads one entry of a specification's list of layers. */
export function readElement(entry: unknown, index: number): LayerElement {
  const path = `model.config.layers[${index}]`;
  if (!isRecord(entry) || typeof entry.class_name !== "string" || !isRecord(entry.config))
    throw expected("{ class_name, config }", path, entry);
  // Keras writes the package of a class that is not its own: it may do anything under a known name.
  const { registered_name: registered } = entry;
  if (typeof registered === "string" && registered.includes(">"))
    throw expected("layer of Keras itself", `${path}.registered_name`, registered);
  return {
    className: entry.class_name,
    config: entry.config,
    name: elementName(entry.class_name, entry.config, index),
    path,
  };
}

/** A layer's own name, or else its class and its place. */
export function elementName(
  className: string,
  config: Record<string, unknown>,
  index: number,
): string {
  return typeof config.name === "string" ? config.name : `${className.toLowerCase()}_${index}`;
}
