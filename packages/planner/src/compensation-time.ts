import { stageRanges } from "./cost.js";
import type { Profile } from "./profile.js";
import type { SharedSlots } from "./slots.js";

/** By stage: ms that a compensation takes for a gradient there. */
export function compensationTimes(
  profile: Profile,
  partition: readonly number[],
  compensation: string,
): number[] {
  return stageRanges(partition, profile.layers.length).map(({ first, end }) =>
    profile.layers
      .slice(first, end)
      .reduce((sum, { compensationTimes: times }) => sum + timeOf(times, compensation), 0),
  );
}

function timeOf(times: Readonly<Record<string, number>> = {}, compensation: string): number {
  return Object.hasOwn(times, compensation) ? (times[compensation] as number) : 0;
}

/**
 * Whether gradients can be late at a stage. With a single version of its weights and nothing
 * gathered, each is taken in before the next item reads them; an engine compensates none there.
 */
export function canBeLate(
  { versions, accumulators }: Pick<SharedSlots, "versions" | "accumulators">,
  stage: number,
): boolean {
  return (versions[stage] as number) > 1 || accumulators[stage] === true;
}

/** Which of these times are paid; undefined if none are. */
export function paidTimes(
  times: readonly number[],
  slots: Pick<SharedSlots, "versions" | "accumulators">,
): number[] | undefined {
  const paid = times.map((time, stage) => (canBeLate(slots, stage) ? time : 0));
  return paid.some((time) => time > 0) ? paid : undefined;
}
