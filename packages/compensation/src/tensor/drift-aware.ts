import { pageHinkleyWarmUp } from "../page-hinkley.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { type IterFisherSettings, iterFisher } from "./iter-fisher.js";

/** As `DriftAwareOptions`. */
interface DriftAwareSettings extends IterFisherSettings {
  readonly driftTolerance: number;
  readonly driftThreshold: number;
}

type Call<T extends Tensor<T>> = TensorCall<T, DriftAwareSettings>;

/**
 * The Page-Hinkley test of `pageHinkley` on a scalar tensor, its five numbers kept as scalars. There
 * is no branch, for which a value would have to be read back: what a branch would leave alone is
 * multiplied by 0 or 1.
 *
 * @returns 0 where this value raises an alarm, else 1.
 */
function calmAfter<T extends Tensor<T>>(value: T, { settings, get, set }: Call<T>): T {
  const [count, mean, squares] = [get("count", 0), get("mean", 0), get("squares", 0)];
  const [sum, least] = [get("sum", 0), get("least", 0)];
  const deviation = squares.div(count.maximum(1)).sqrt();
  // A deviation of 0 counts as 1.
  const unit = deviation.sub(deviation.step()).add(1);
  const rise = value.sub(mean).div(unit).sub(settings.driftTolerance);
  const isWarm = count.sub(pageHinkleyWarmUp - 0.5).step();
  const nextSum = sum.add(rise.mul(isWarm));
  const calm = nextSum.sub(least).sub(settings.driftThreshold).step().mul(-1).add(1);

  const shift = value.sub(mean);
  const nextCount = count.add(1);
  const nextMean = mean.add(shift.div(nextCount));
  const nextSquares = squares.add(shift.mul(value.sub(nextMean)));
  set("count", nextCount.mul(calm));
  set("mean", nextMean.mul(calm));
  set("squares", nextSquares.mul(calm));
  set("sum", nextSum.mul(calm));
  set("least", least.minimum(nextSum).mul(calm));
  return calm;
}

/** Iter-Fisher that forgets what it has learned where the gradient's norm jumps; see `driftAware`. */
export function driftAware<T extends Tensor<T>>(call: Call<T>): T {
  const { gradient, settings, get, set } = call;
  const norm = gradient.square().sum().add(1e-30).log().mul(0.5);
  const calm = calmAfter(norm, call);
  if (settings.lambdaRate > 0) {
    set("fisher", get("fisher", "zeros").mul(calm));
    set("residual", get("residual", "zeros").mul(calm));
    const moved = get("lambda", settings.lambda).sub(settings.lambda);
    set("lambda", moved.mul(calm).add(settings.lambda));
  }
  return iterFisher(call);
}
