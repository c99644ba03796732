import { type Layout, type ListRule, listSchedule } from "./list-schedule.js";
import { type OrderMaker, updateOf } from "./order.js";

/**
 * Hanayo (Liu et al. 2023, arXiv 2308.15762) with W waves: the model is cut into 2 W P stages that
 * lie on the P devices as a snake, so that a micro-batch runs down the devices and up again W
 * times, and neighbouring waves fill one another's idle time:
 *
 * ```
 * P = 3, W = 1     device 0   stage 0         stage 5
 *                  device 1     stage 1     stage 4
 *                  device 2       stage 2 stage 3
 * ```
 *
 * A model of fewer layers gets as many whole waves as it has layers for, since a part of a wave only
 * adds to the way; where they do not make one, it fills the beginning of the snake.
 *
 * The order is the shorter one of two list schedules:
 *
 * - A device prefers the furthest step, and micro-batch k waits until k - P has begun its way back.
 *   With P micro-batches a device idles for (P - 1) T_B / W or little more, where T_B is what it
 *   takes for one micro-batch backward; further groups of P follow one another with a gap each.
 * - A device does forward and backward passes in turn, and the first one takes in a micro-batch
 *   while it holds less than a quarter more activations than in one forward, one backward. That
 *   fills the gaps between the groups.
 */
export function hanayo(waves: number): OrderMaker {
  return (deviceCount, microbatchCount, mostStages) => {
    const wave = 2 * deviceCount;
    const whole = Math.min(waves, Math.floor(mostStages / wave));
    const stageCount = whole > 0 ? whole * wave : mostStages;
    const deviceOf = (stage: number) => {
      const position = stage % deviceCount;
      return Math.floor(stage / deviceCount) % 2 === 0 ? position : deviceCount - 1 - position;
    };
    const layout = { stageCount, deviceCount, microbatchCount, deviceOf };
    const groups = listSchedule(layout, inGroups);
    const turns = listSchedule(layout, inTurns(layout));
    const shorter = turns.length < groups.length ? turns : groups;
    const updates = Array.from({ length: stageCount }, (_, stage) =>
      updateOf(stage, microbatchCount - 1),
    );
    return {
      ...layout,
      name: `hanayo-${waves}`,
      splitsBackward: false,
      period: microbatchCount,
      flushes: true,
      delay: 0,
      actions: shorter.actions.map((own, device) => [
        ...own,
        ...updates.filter(({ stage }) => deviceOf(stage) === device),
      ]),
    };
  };
}

const inGroups: ListRule = {
  alternates: false,
  admits: ({ item, begun, deviceCount, stageCount }) =>
    item < deviceCount || (begun[item - deviceCount] as number) >= stageCount,
};

function inTurns({ stageCount, deviceCount, deviceOf }: Layout): ListRule {
  const stages = Array.from({ length: stageCount }, (_, stage) => stage);
  const first = stages.filter((stage) => deviceOf(stage) === deviceOf(0));
  const room = Math.ceil(1.25 * deviceCount * first.length);
  return { alternates: true, admits: ({ held }) => held < room };
}
