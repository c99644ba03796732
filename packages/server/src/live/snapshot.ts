// What the live page shows. It is plain data: the page gets it as JSON.

/** A learner at one moment. */
export interface LiveSnapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What is learned, by what: `mnistnet, er, secant`. */
  readonly title: string;
  /** Items that arrived to be learned. */
  readonly items: number;
  readonly dropped: number;
  /** How good predictions were that were made before their items were learned; null: none were. */
  readonly score: LiveScore | null;
  /** From an item's arrival to its last update, ms. */
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly memory: {
    /** Bytes that the run may use; null: as many as it likes. */
    readonly budget: number | null;
    /** Bytes by category, as planned and as held now. */
    readonly categories: readonly LiveCategory[];
  };
  /** Milliseconds between items that the plan is for. */
  readonly arrivalInterval: number;
  readonly workers: number;
  readonly stages: readonly LiveStage[];
  /** Changes of plan so far. */
  readonly replans: number;
  /** What was done of late; null: nobody noted it. */
  readonly grid: LiveGrid | null;
  /** What a person should know: that the model has collapsed, say. */
  readonly warnings: readonly string[];
}

/** How good predictions are. */
export interface LiveScore {
  /** Its name: `accuracy`, `R²`. */
  readonly name: string;
  /** Of the newest items. */
  readonly recent: number;
  /** Of all. */
  readonly all: number;
  /** Whether it is a share, to be shown in percent. */
  readonly isShare: boolean;
}

/** Predict, forward, backward, weight gradient, update. */
export const liveKinds = ["P", "F", "B", "W", "U"] as const;

/** The newest actions, for a picture. */
export interface LiveGrid {
  /** Milliseconds on the learner's clock. */
  readonly now: number;
  /** False where more was done than can be shown: only what was newest is here. */
  readonly isWhole: boolean;
  /**
   * Six numbers for each, in the order in which they ended: its place in `liveKinds`, worker, stage (-1
   * both of a prediction), item, beginning after `now` and duration, microseconds.
   */
  readonly actions: readonly number[];
}

/** A category of memory, bytes. */
export interface LiveCategory {
  readonly name: string;
  readonly planned: number;
  readonly held: number;
  /** Of what is held, the most that was in use at once; left out where all of it always is. */
  readonly used?: number;
}

/** A stage of the pipeline. */
export interface LiveStage {
  /** Its layers, from the first on. */
  readonly layers: string;
  /** Items that may be in flight there. */
  readonly inFlight: number;
  /** Updates between the weights of a gradient and its own, mean. */
  readonly staleness: number;
  /** Versions of its weights: the most alive at once, and the slots for them. */
  readonly versions: { readonly held: number; readonly slots: number };
  readonly updates: number;
  /** Updates that were refused since they were not finite. */
  readonly refused: number;
}

/** What a page keeps of a snapshot that is past. */
export interface LivePoint {
  readonly at: number;
  readonly items: number;
  readonly dropped: number;
  readonly recent: number | null;
  readonly all: number | null;
  readonly p50: number;
  readonly p99: number;
  readonly replans: number;
}

export function pointOf({ at, items, dropped, score, latency, replans }: LiveSnapshot): LivePoint {
  const { recent = null, all = null } = score ?? {};
  return { at, items, dropped, recent, all, ...latency, replans };
}
