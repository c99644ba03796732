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

/** A category of memory, bytes. */
export interface LiveCategory {
  readonly name: string;
  readonly planned: number;
  readonly held: number;
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
}

export function pointOf({ at, items, dropped, score, latency }: LiveSnapshot): LivePoint {
  const { recent = null, all = null } = score ?? {};
  return { at, items, dropped, recent, all, ...latency };
}
