import type { ServerResponse } from "node:http";
import { LiveHistory } from "./history.js";
import { type LiveSnapshot, pointOf } from "./snapshot.js";

/** Readers that take nothing in are let go when so many bytes wait for them. */
const mostWaiting = 1024 ** 2;

/**
 * What live pages read, as server-sent events: first the past, then what is now, so often.
 *
 * ```
 * event: past     data: [LivePoint, ...]
 * event: now      data: LiveSnapshot
 * event: over     data: null, where it will not come back
 * ```
 */
export class LiveFeed {
  /** Of its answers. */
  readonly headers = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  } as const;

  readonly #look: (isRead: boolean) => LiveSnapshot;
  readonly #history = new LiveHistory();
  readonly #readers = new Set<ServerResponse>();
  readonly #timer: NodeJS.Timeout;

  /**
   * @param look what is now; called so often whether or not anybody reads, which it is told, for the past.
   * @param every milliseconds.
   */
  constructor(look: (isRead: boolean) => LiveSnapshot, every = 500) {
    this.#look = look;
    this.#timer = setInterval(() => this.#tell(), every);
    this.#timer.unref();
  }

  /** Answers with events until the reader leaves or the feed ends. */
  answer(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
    response.writeHead(200, { ...headers, ...this.headers });
    response.write(eventOf("past", this.#history.points));
    response.write(eventOf("now", this.#look(true)));
    this.#readers.add(response);
    response.on("close", () => this.#readers.delete(response));
    // A reader that has gone is no fault of ours.
    response.on("error", () => this.#readers.delete(response));
  }

  /** Readers at present. */
  get readers(): number {
    return this.#readers.size;
  }

  /** @param isOver whether there is nothing to come back to, as after a run. */
  close(isOver = false): void {
    clearInterval(this.#timer);
    this.#tell();
    for (const reader of this.#readers) reader.end(isOver ? eventOf("over", null) : undefined);
    this.#readers.clear();
  }

  #tell(): void {
    const now = this.#look(this.#readers.size > 0);
    this.#history.add(pointOf(now));
    if (this.#readers.size === 0) return;
    const event = eventOf("now", now);
    for (const reader of this.#readers) {
      reader.write(event);
      if (reader.writableLength <= mostWaiting) continue;
      this.#readers.delete(reader);
      reader.destroy();
    }
  }
}

function eventOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
