import { expected, InputError } from "../errors.js";
import { findDominators } from "./dominators.js";
import { type Element, type LayerElement, readElement } from "./elements.js";
import { readInputs } from "./inbound.js";
import { limits, requireAtMost } from "./limits.js";
import { checkSettings } from "./settings.js";

interface Node {
  readonly element: LayerElement;
  readonly inputs: readonly string[];
}

/**
 * Reads a functional Keras model whose only branches are residual blocks: two paths that leave one
 * place and meet in an `Add` of two inputs. Such a block becomes one element, named as its `Add`.
 *
 * @returns the chain from the input layer (first) to the output.
 * @throws InputError that names the layer where the graph is of another form.
 */
export function readGraph(config: Record<string, unknown>, entries: readonly unknown[]): Element[] {
  const nodes = new Map<string, Node>();
  // Not `forEach`, which passes over places of an array that were never set.
  for (const [index, entry] of entries.entries()) {
    const element = readElement(entry, index);
    if (nodes.has(element.name))
      throw expected("layer names that differ", `${element.path}.config.name`, element.name);
    nodes.set(element.name, { element, inputs: readInputs(entry, element.name, element.path) });
  }
  const output = readEnd(config, "output_layers");
  const used = new Set<string>();
  const chain = new ChainReader(nodes, used).read(output, null);
  const first = chain[0];
  if (!first || "main" in first || first.className !== "InputLayer")
    throw new InputError(
      `Expected a model that begins at an InputLayer but the chain to ${output} begins elsewhere`,
    );
  for (const name of nodes.keys())
    if (!used.has(name))
      throw new InputError(
        `Expected layer ${name} on the path from the model's input to its output but it is not; ` +
          "remove it",
      );
  return chain;
}

/** Walks the graph backwards. Every layer may be met once only, whatever the path. */
class ChainReader {
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #used: Set<string>;
  /** For an `Add` the layer where its paths branched, for any other the one before it. */
  readonly #before: ReadonlyMap<string, string | null>;

  constructor(nodes: ReadonlyMap<string, Node>, used: Set<string>) {
    this.#nodes = nodes;
    this.#used = used;
    for (const { element, inputs } of nodes.values()) requireInputs(element, inputs);
    this.#before = findDominators(nodes);
  }

  /**
   * The elements behind layer `start` (null: the model's input) up to and with layer `end`.
   * @param nesting blocks around them.
   */
  read(end: string, start: string | null, nesting = 0): Element[] {
    requireAtMost(limits.nesting, nesting, "residual blocks inside one another", end);
    const chain: Element[] = [];
    for (let at: string | null = end; at !== start; ) {
      if (at === null) throw new InputError(`Expected a path from ${start} to ${end}`);
      const { element, inputs } = this.#node(at);
      if (this.#used.has(at))
        throw new InputError(
          `Expected one way only through layer ${at}: branches must be residual blocks, two paths ` +
            "from one place that meet in an Add",
        );
      this.#used.add(at);
      const fork = this.#before.get(at) as string | null;
      if (element.className === "Add") {
        if (fork === null) throw twoPaths(element);
        checkSettings("Add", {}, element.config, `${element.path}.config`);
        const paths = inputs.map((input) => this.read(input, fork, nesting + 1));
        const [first, second] = paths as [Element[], Element[]];
        const [main, shortcut] = first.length > 0 ? [first, second] : [second, first];
        if (main.length === 0) throw twoPaths(element);
        chain.push({ name: at, path: element.path, main, shortcut });
      } else chain.push(element);
      at = fork;
    }
    return chain.reverse();
  }

  #node(name: string): Node {
    const node = this.#nodes.get(name);
    if (!node) throw expected("name of a layer of the model", "output_layers", name);
    return node;
  }
}

function requireInputs(element: LayerElement, inputs: readonly string[]): void {
  if (element.className === "Add") {
    if (inputs.length !== 2) throw twoPaths(element);
  } else if (inputs.length > 1)
    throw new InputError(
      `Expected one input of layer ${element.name} (${element.className}) but received ` +
        `${inputs.length}; only Add joins two paths`,
    );
}

function twoPaths({ name, path }: LayerElement): InputError {
  return expected("Add of two paths that leave the same place", path, name);
}

/** The one input or output layer: `[["name", 0, 0]]`, or `["name", 0, 0]`. */
function readEnd(config: Record<string, unknown>, key: string): string {
  const value = config[key];
  const ends: unknown[] = Array.isArray(value) ? value : [];
  const single = typeof ends[0] === "string" ? ends : ends.length === 1 ? ends[0] : undefined;
  const name: unknown = Array.isArray(single) ? single[0] : undefined;
  if (typeof name !== "string")
    throw expected('one layer, [["name", 0, 0]],', `model.config.${key}`, JSON.stringify(value));
  return name;
}
