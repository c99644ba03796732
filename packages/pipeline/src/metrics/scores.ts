import type { ItemShape } from "../execute/check-item.js";
import { isRegression } from "../model/loss.js";
import { CollapseWatch } from "./collapse-watch.js";
import { RegressionMetrics } from "./regression-metrics.js";

/** What is kept of the predictions of a stream, each made before its item was learned. */
export class Scores {
  readonly watch: CollapseWatch;
  /** Null in classification, where whoever brings the items counts. */
  readonly regression: RegressionMetrics | null;

  constructor(shape: ItemShape) {
    this.watch = new CollapseWatch(shape);
    this.regression = isRegression(shape) ? new RegressionMetrics(shape.classes) : null;
  }

  /**
   * In regression: takes the prediction of the next item.
   * @param values [size, outputs]; so are `targets`.
   */
  addValues(index: number, values: Float32Array, targets: Float32Array, size: number): void {
    this.regression?.add(values, targets, size);
    this.watch.addValues(index, values, targets, size);
  }
}
