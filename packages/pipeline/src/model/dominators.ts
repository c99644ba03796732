import { InputError } from "../errors.js";

/** What must be known of a node of a graph: the names of those that feed it. */
interface Fed {
  readonly inputs: readonly string[];
}

/**
 * Names in an order in which every node comes behind those that feed it (Kahn 1962).
 * @throws InputError where a node is fed by itself, over whatever others, or by an unknown one.
 */
function order(nodes: ReadonlyMap<string, Fed>): string[] {
  const waiting = new Map<string, number>();
  const fed = new Map<string, string[]>();
  for (const [name, { inputs }] of nodes) {
    waiting.set(name, inputs.length);
    for (const input of inputs) {
      if (!nodes.has(input))
        throw new InputError(
          `Expected the name of a layer of the model in inbound_nodes of ${name} but received ` +
            `${JSON.stringify(input)}; correct the name`,
        );
      const followers = fed.get(input);
      if (followers) followers.push(name);
      else fed.set(input, [name]);
    }
  }
  const ready = [...waiting].filter(([, count]) => count === 0).map(([name]) => name);
  // Grows while it is walked through.
  for (const name of ready)
    for (const follower of fed.get(name) ?? []) {
      const left = (waiting.get(follower) as number) - 1;
      waiting.set(follower, left);
      if (left === 0) ready.push(follower);
    }
  if (ready.length < nodes.size) {
    const [stuck] = [...waiting].find(([, count]) => count > 0) as [string, number];
    throw new InputError(
      `Expected a graph without a cycle but layer ${stuck} waits for its own output; correct ` +
        "inbound_nodes",
    );
  }
  return ready;
}

/**
 * For every node the last one that every path from the beginning to it goes through (its immediate
 * dominator), or null: for a node of one input that input, for one of two the place where the paths
 * branched. Without recursion, and in a time that a graph one block behind the other does not square.
 */
export function findDominators(nodes: ReadonlyMap<string, Fed>): Map<string, string | null> {
  const dominators = new Map<string, string | null>();
  const depths = new Map<string, number>();
  const depth = (name: string | null) => (name === null ? 0 : (depths.get(name) as number));
  const up = (name: string) => dominators.get(name) as string | null;
  for (const name of order(nodes)) {
    const { inputs } = nodes.get(name) as Fed;
    let meeting: string | null = inputs[0] ?? null;
    for (let other of inputs.slice(1) as (string | null)[])
      while (meeting !== other)
        if (depth(meeting) >= depth(other)) meeting = up(meeting as string);
        else other = up(other as string);
    dominators.set(name, meeting);
    depths.set(name, depth(meeting) + 1);
  }
  return dominators;
}
