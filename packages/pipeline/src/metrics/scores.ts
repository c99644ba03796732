import { giveParts, type StateTensor, type StateTensors, takeParts } from "../checkpoint/parts.js";
import type { ItemShape } from "../execute/check-item.js";
import { isRegression } from "../model/loss.js";
import { type Collapse, CollapseWatch } from "./collapse-watch.js";
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

  /** Copies all but the collapse into a state. */
  save(tensors: Map<string, StateTensor>): void {
    takeParts(tensors, "watch", this.watch.parts);
    if (this.regression) takeParts(tensors, "regression", this.regression.parts);
  }

  /** @throws InputError for a state of other items. */
  restore(tensors: StateTensors, collapse: Collapse | null): void {
    giveParts(tensors, "watch", this.watch.parts);
    if (this.regression) giveParts(tensors, "regression", this.regression.parts);
    this.watch.restoreCollapse(collapse);
  }
}
