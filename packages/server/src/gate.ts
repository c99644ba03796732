/**
 * Calls pass as they come, any number at once; who wants to be alone waits until those inside have left,
 * and others wait for that.
 *
 * ```
 *   calls    ──┬──[   ]──┬────────[   ]──
 *              └─[     ]─┘    ┌──[     ]─
 *   alone     asks ·······[ ]─┘ those that came meanwhile
 * ```
 */
export class Gate {
  #inside = 0;
  /** Until it opens again. */
  #closed: Promise<void> | null = null;
  #onEmpty: (() => void) | null = null;

  /** Begins in this turn unless somebody is, or waits to be, alone. */
  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#closed) await this.#closed;
    this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
      if (this.#inside === 0) this.#onEmpty?.();
    }
  }

  /** @param work done in one turn, while nobody is inside. */
  async alone<Result>(work: () => Result): Promise<Result> {
    while (this.#closed) await this.#closed;
    let open = () => {};
    this.#closed = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.#inside > 0)
        await new Promise<void>((resolve) => {
          this.#onEmpty = resolve;
        });
      return work();
    } finally {
      this.#onEmpty = null;
      this.#closed = null;
      open();
    }
  }
}
