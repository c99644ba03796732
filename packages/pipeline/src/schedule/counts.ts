import type { FixedOrder } from "./order.js";

/** The most that a stage holds, and how stale its gradients are. */
export interface StageCounts {
  readonly stage: number;
  /** Weight versions alive at once, the newest included. */
  readonly weightVersions: number;
  /** Micro-batches whose activations are held whole: between F and B. */
  readonly activations: number;
  /** Micro-batches of which only what W needs is held: between B and W. */
  readonly weightActivations: number;
  /** Micro-batches held at once in either way. */
  readonly held: number;
  /** `staleness[t]`: gradients that an update applied t updates after their weights. */
  readonly staleness: readonly number[];
}

/**
 * Counts by walking through each device's actions, with a version store in which a forward pass
 * holds the version that it uses until its backward pass (and weight gradient) is done. Micro-batch
 * k uses the version `order.delay` behind the newest, but never one before the first.
 */
export function countStages(order: FixedOrder): StageCounts[] {
  return Array.from({ length: order.stageCount }, (_, stage) => {
    const actions = order.actions[order.deviceOf(stage)]?.filter(
      (action) => action.stage === stage,
    );
    const used = new Map<number, number>();
    const whole = new Set<number>();
    const partly = new Set<number>();
    const staleness: number[] = [];
    let newest = 0;
    let waiting: number[] = [];
    const most = { versions: 1, whole: 0, partly: 0, held: 0 };
    for (const { kind, item } of actions ?? []) {
      if (kind === "F") {
        used.set(item, versionFor(item));
        whole.add(item);
      } else if (kind === "B") {
        whole.delete(item);
        if (order.splitsBackward) partly.add(item);
        else gather(item);
      } else if (kind === "W") {
        partly.delete(item);
        gather(item);
      } else {
        for (const version of waiting) {
          const stale = newest - version;
          staleness[stale] = (staleness[stale] ?? 0) + 1;
        }
        waiting = [];
        newest++;
      }
      const held = new Set([...used.values(), ...reserved()]);
      most.versions = Math.max(most.versions, held.add(newest).size);
      most.whole = Math.max(most.whole, whole.size);
      most.partly = Math.max(most.partly, partly.size);
      most.held = Math.max(most.held, whole.size + partly.size);
    }
    return {
      stage,
      weightVersions: most.versions,
      activations: most.whole,
      weightActivations: most.partly,
      held: most.held,
      staleness: Array.from(staleness, (count) => count ?? 0),
    };

    /** The gradient is there: its version may go. */
    function gather(item: number): void {
      waiting.push(used.get(item) as number);
      used.delete(item);
    }

    /**
     * Double buffering decides by the micro-batch's number, so that every stage uses the same
     * version for it, whenever its turn comes.
     */
    function versionFor(item: number): number {
      if (order.delay === 0) return newest;
      return Math.max(Math.floor(item / order.period) - order.delay, 0);
    }

    /** With a delay the version behind the newest is kept for micro-batches still to come. */
    function reserved(): number[] {
      return order.delay === 0 ? [] : [Math.max(newest - order.delay, 0)];
    }
  });
}

/** Idle time of a laid-out run on one device, its beginning and end included; the longest. */
export function idleTime(
  { deviceCount, deviceOf }: Pick<FixedOrder, "deviceCount" | "deviceOf">,
  actions: readonly { stage: number; start: number; end: number }[],
): number {
  const makespan = Math.max(...actions.map(({ end }) => end));
  const busy = new Array<number>(deviceCount).fill(0);
  for (const { stage, start, end } of actions) {
    const device = deviceOf(stage);
    busy[device] = (busy[device] as number) + end - start;
  }
  return Math.max(...busy.map((time) => makespan - time));
}
