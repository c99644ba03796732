import type { Executor } from "../execute/executor.js";
import { isRegression } from "../model/loss.js";
import type { CollapseWatch } from "./collapse-watch.js";

/** What is held against the bound: the step where that is larger than the gradient. */
function scaledBy({ learningRate }: Executor): string {
  return learningRate > 1 ? `, times the learning rate of ${learningRate},` : "";
}

function remedyOf({ itemShape }: Executor): string {
  return isRegression(itemShape) ? "or scale inputs and targets" : "or scale the inputs";
}

/** Takes a sentence that a person should read at once. */
export type WarningListener = (message: string) => void;

/**
 * Says once, and as soon as it shows, that updates are refused, and that a learner predicts one
 * class only.
 */
export class Alarm {
  /** Says what is to be said once. */
  readonly tell: WarningListener;
  #toldRefusal = false;
  #toldCollapse = false;

  /** @param tell default: Node's own warnings, on stderr. */
  constructor(tell: WarningListener = (message) => process.emitWarning(message, "FerretWarning")) {
    this.tell = tell;
  }

  /** Reports what shows now and has not been reported. */
  look(executor: Executor, { collapse }: CollapseWatch): void {
    if (!this.#toldRefusal) {
      const first = executor.firstRefusal;
      if (first) {
        this.#toldRefusal = true;
        this.tell(
          `The gradient of item ${first.item} at stage ${first.stage}${scaledBy(executor)} is ` +
            "not finite, or is above 1e18: that update was not made, and others like it will not " +
            `be made either; use a lower learning rate ${remedyOf(executor)}`,
        );
      }
    }
    if (collapse && !this.#toldCollapse) {
      this.#toldCollapse = true;
      const { item, window, class: only, isConstant } = collapse;
      const outputs = isRegression(executor.itemShape) ? "values" : "logits";
      const seen = isConstant
        ? `all samples of each of the ${window} items up to item ${item} were predicted as one value, ` +
          "whatever the targets"
        : only === null
          ? `half or more of the ${window} items up to item ${item} had ${outputs} that are not finite`
          : `all predictions of the ${window} items up to item ${item} were class ${only}, whatever ` +
            "the labels";
      this.tell(
        `The learner has collapsed: ${seen}; use a lower learning rate ${remedyOf(executor)}`,
      );
    }
  }
}
