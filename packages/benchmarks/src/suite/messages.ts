import type { ResultRecord } from "../record.js";
import type { CheckpointSetting } from "../run-checkpoints.js";
import type { SuiteCase } from "./case.js";

/** What a worker is started with, as JSON in its only argument. */
export interface WorkerStart {
  readonly runtime: string;
  readonly dataDir: string | undefined;
}

/** To a worker: a run to make. */
export interface RunOrder {
  readonly key: string;
  readonly case: SuiteCase;
  /** Where it is saved on its way, and what it goes on from; null: nowhere. */
  readonly checkpoint: CheckpointSetting | null;
}

/** From a worker. */
export type WorkerReport =
  | { readonly kind: "ready" }
  | {
      readonly kind: "done";
      readonly key: string;
      readonly record: ResultRecord;
      readonly mathTime: number;
    }
  | {
      readonly kind: "failed";
      readonly key: string;
      readonly message: string;
      readonly isInput: boolean;
    };
