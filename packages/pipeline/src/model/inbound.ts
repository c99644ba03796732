import { expected, type InputError } from "../errors.js";
import { isRecord } from "./read.js";

/**
 * Names of the layers that feed a layer of a functional model. Keras 2 and tfjs write
 * `[[["before", 0, 0, {}], ...]]`, Keras 3 `[{ args: [tensor or tensors], kwargs }]`, each tensor
 * with `keras_history: ["before", 0, 0]`.
 *
 * @param entry one of `model.config.layers`.
 * @throws InputError where the layer is called twice, with a setting, or it is written otherwise.
 */
export function readInputs(entry: unknown, name: string, path: string): string[] {
  const calls = isRecord(entry) ? (entry.inbound_nodes ?? []) : [];
  if (!Array.isArray(calls) || calls.length > 1)
    throw expected("layer that is used once", `${path}.inbound_nodes`, name);
  const [call = []] = calls as unknown[];
  const sources = Array.isArray(call) ? call.map(fromList) : fromTensors(call);
  if (!sources) throw unreadable(path, call);
  return sources.map((source) => {
    if (!source) throw unreadable(path, call);
    const [layer, node, tensor, settings] = source;
    const set = Object.entries(isRecord(settings) ? settings : {}).find(
      ([, value]) => value !== null,
    );
    if (set)
      throw expected(
        "call of the layer without settings",
        `${path}.inbound_nodes`,
        `${set[0]}: ${JSON.stringify(set[1])}`,
        "call it without them",
      );
    if (typeof layer !== "string" || (node ?? 0) !== 0 || (tensor ?? 0) !== 0)
      throw unreadable(path, call);
    return layer;
  });
}

type Source = readonly unknown[];

const fromList = (input: unknown): Source | null => (Array.isArray(input) ? input : null);

/** Of `{ args, kwargs }`; null where it has another form. */
function fromTensors(call: unknown): (Source | null)[] | null {
  if (!isRecord(call) || !Array.isArray(call.args) || call.args.length !== 1) return null;
  const [first] = call.args as unknown[];
  const tensors: unknown[] = Array.isArray(first) ? first : [first];
  return tensors.map((tensor) => {
    const config = isRecord(tensor) && isRecord(tensor.config) ? tensor.config : {};
    const { keras_history: history } = config;
    return Array.isArray(history) ? [...history.slice(0, 3), call.kwargs] : null;
  });
}

function unreadable(path: string, received: unknown): InputError {
  return expected(
    '[[["layer", 0, 0, {}]]], as Keras 2 and tfjs write it, or Keras 3\'s [{ args, kwargs }]',
    `${path}.inbound_nodes`,
    received,
  );
}
