import type { LivePoint } from "../snapshot.js";

/** When plans were changed, as far as the points tell; milliseconds since 1970. */
export function replansIn(points: readonly LivePoint[]): number[] {
  return points
    .filter(({ replans }, index) => replans > (points[index - 1]?.replans ?? replans))
    .map(({ at }) => at);
}
