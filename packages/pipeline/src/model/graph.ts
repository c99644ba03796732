import { expected, InputError } from "../errors.js";
import { type Element, type LayerElement, readElement } from "./elements.js";
import { isRecord } from "./read.js";
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
  entries.forEach((entry, index) => {
    const element = readElement(entry, index);
    if (nodes.has(element.name))
      throw expected("layer names that differ", `${element.path}.config.name`, element.name);
    nodes.set(element.name, { element, inputs: readInputs(entry, element) });
  });
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
        `Expected layer ${name} on the way from the model's input to its output, but it is not; ` +
          "remove it",
      );
  return chain;
}

/** Walks the graph backwards. Every layer may be met once only, whatever the path. */
class ChainReader {
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #used: Set<string>;
  /** What `#before` found; without it every block behind another one would double the work. */
  readonly #found = new Map<string, string | null>();

  constructor(nodes: ReadonlyMap<string, Node>, used: Set<string>) {
    this.#nodes = nodes;
    this.#used = used;
  }

  /** The elements behind layer `start` (null: the model's input) up to and with layer `end`. */
  read(end: string, start: string | null): Element[] {
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
      const fork = this.#before(at);
      if (element.className === "Add") {
        checkSettings("Add", {}, element.config, `${element.path}.config`);
        const paths = inputs.map((input) => this.read(input, fork));
        const [first, second] = paths as [Element[], Element[]];
        const [main, shortcut] = first.length > 0 ? [first, second] : [second, first];
        if (main.length === 0) throw twoPaths(element);
        chain.unshift({ name: at, path: element.path, main, shortcut });
      } else chain.unshift(element);
      at = fork;
    }
    return chain;
  }

  #node(name: string): Node {
    const node = this.#nodes.get(name);
    if (!node) throw expected("name of a layer of the model", "inbound_nodes", name);
    return node;
  }

  /** The layer before `name` on the way from the input; for an `Add`, the one where it branched. */
  #before(name: string): string | null {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const before = this.#findBefore(name);
    this.#found.set(name, before);
    return before;
  }

  #findBefore(name: string): string | null {
    const { element, inputs } = this.#node(name);
    const [first, second] = inputs;
    if (element.className !== "Add") {
      if (inputs.length > 1)
        throw new InputError(
          `Expected one input of layer ${name} (${element.className}) but received ` +
            `${inputs.length}; only Add joins two paths`,
        );
      return first ?? null;
    }
    if (first === undefined || second === undefined || inputs.length > 2) throw twoPaths(element);
    const passed = new Set<string>();
    for (let at: string | null = first; at !== null; at = this.#before(at)) passed.add(at);
    for (let at: string | null = second; at !== null; at = this.#before(at))
      if (passed.has(at)) return at;
    throw twoPaths(element);
  }
}

function twoPaths({ name, path }: LayerElement): InputError {
  return expected("Add of two paths that leave one place", path, name);
}

/** Names of the layers that feed this one: `[[["before", 0, 0, {}], ...]]` as tfjs writes it. */
function readInputs(entry: unknown, { name, path }: LayerElement): string[] {
  const calls = isRecord(entry) ? (entry.inbound_nodes ?? []) : [];
  if (!Array.isArray(calls) || calls.length > 1)
    throw expected("layer that is used once", `${path}.inbound_nodes`, name);
  const inputs: unknown = calls[0] ?? [];
  if (!Array.isArray(inputs)) throw unreadable(path, inputs);
  return inputs.map((input: unknown) => {
    const source: unknown = Array.isArray(input) ? input[0] : undefined;
    if (typeof source !== "string") throw unreadable(path, inputs);
    return source;
  });
}

function unreadable(path: string, received: unknown): InputError {
  return expected(
    '[[["layer", 0, 0, {}]]], as Keras 2 and tfjs write it,',
    `${path}.inbound_nodes`,
    JSON.stringify(received),
  );
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
