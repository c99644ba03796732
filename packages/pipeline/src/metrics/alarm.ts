import type { Executor } from "../execute/executor.js";
import type { CollapseWatch } from "./collapse-watch.js";

/** What is held against the bound: the step where that is larger than the gradient. */
function scaledBy({ learningRate }: Executor): string {
  return learningRate > 1 ? `, times the learning rate of ${learningRate},` : "";
}

/** Takes a sentence that a person should read at once. */
export type WarningListener = (message: string) => void;

/**
 * Says once, and as soon as it shows, that updates are refused, and that a learner predicts one
 * class only.
 */
export class Alarm {
  readonly #tell: WarningListener;
  #toldRefusal = false;
  #toldCollapse = false;

  /** @param tell default: Node's own warnings, on stderr. */
  constructor(tell: WarningListener = (message) => process.emitWarning(message, "FerretWarning")) {
    this.#tell = tell;
  }

  /** Reports what shows now and has not been reported. */
  look(executor: Executor, { collapse }: CollapseWatch): void {
    if (!this.#toldRefusal) {
      const first = executor.firstRefusal;
      if (first) {
        this.#toldRefusal = true;
        this.#tell(
          `The gradient of item ${first.item} at stage ${first.stage}${scaledBy(executor)} is ` +
            "not finite, or is above 1e18: that update was not made, and others like it will not " +
            "be made either; use a lower learning rate or scale the inputs",
        );
      }
    }
    if (collapse && !this.#toldCollapse) {
      this.#toldCollapse = true;
      const { item, window, class: only } = collapse;
      const seen =
        only === null
          ? `half or more of the ${window} items up to item ${item} had logits that are not finite`
          : `all predictions of the ${window} items up to item ${item} were class ${only}, whatever ` +
            "the labels";
      this.#tell(
        `The learner has collapsed: ${seen}; use a lower learning rate or scale the inputs`,
      );
    }
  }
}
