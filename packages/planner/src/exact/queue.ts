/** What is left to search: a set of configurations, and the largest R that one of them may have. */
export interface Open {
  readonly bound: number;
  /** Searches it, or splits it into parts of smaller bounds, which are queued. */
  readonly expand: () => void;
}

/** A heap that gives the largest bound first; of equal ones the one that came first. */
export class OpenQueue {
  readonly #heap: { open: Open; order: number }[] = [];
  #count = 0;

  get top(): Open | null {
    return this.#heap[0]?.open ?? null;
  }

  push(open: Open): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push({ open, order: this.#count++ });
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
  }

  pop(): Open | null {
    const heap = this.#heap;
    const top = this.top;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    heap[0] = last;
    let place = 0;
    for (;;) {
      let first = place;
      for (const child of [2 * place + 1, 2 * place + 2])
        if (child < heap.length && this.#isBefore(child, first)) first = child;
      if (first === place) return top;
      this.#swap(place, first);
      place = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]] as [
      { open: Open; order: number },
      { open: Open; order: number },
    ];
    if (one.open.bound !== other.open.bound) return one.open.bound > other.open.bound;
    return one.order < other.order;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const kept = heap[a] as { open: Open; order: number };
    heap[a] = heap[b] as { open: Open; order: number };
    heap[b] = kept;
  }
}
