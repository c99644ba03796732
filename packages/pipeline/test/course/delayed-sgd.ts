import { gradientOf, type NaiveItem, type NaiveLayer } from "../naive-trainer.js";

/**
 * Gradient descent without any pipeline, one item after the other in double precision, that keeps
 * every version of the weights:
 *
 * ```
 * theta_i(u + 1) = theta_i(u) - learningRate * (sum of the gradients of `period` items)
 * item k takes its gradient where stage i is at version versionOf(k, i)
 * ```
 *
 * @param partition first layer of every stage.
 */
export function delayedSgd(
  layers: readonly NaiveLayer[],
  partition: readonly number[],
  items: readonly NaiveItem[],
  initial: readonly number[],
  {
    learningRate,
    period,
    versionOf,
  }: {
    readonly learningRate: number;
    readonly period: number;
    readonly versionOf: (item: number, stage: number) => number;
  },
): number[] {
  const ends = partition.map((_, stage) =>
    layers
      .slice(0, partition[stage + 1] ?? layers.length)
      .reduce((sum, { inputs, units }) => sum + (inputs + 1) * units, 0),
  );
  const versions = [[...initial]];
  let gathered = initial.map(() => 0);
  const update = () => {
    const newest = versions.at(-1)!;
    versions.push(newest.map((value, index) => value - learningRate * gathered[index]!));
    gathered = initial.map(() => 0);
  };
  items.forEach((item, k) => {
    const used = ends.flatMap((end, stage) =>
      versions[versionOf(k, stage)]!.slice(ends[stage - 1] ?? 0, end),
    );
    const gradient = gradientOf(layers, used, item);
    gathered = gathered.map((value, index) => value + gradient[index]!);
    if ((k + 1) % period === 0) update();
  });
  update();
  return versions.at(-1)!;
}
