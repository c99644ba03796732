import type { ByteQueue } from "../byte-queue.js";
import { readLines } from "./lines.js";

export interface LineAnswers {
  /** Lines that are answered at once. */
  readonly most: number;
  /** Bytes of a line. */
  readonly lineLimit: number;
  readonly queue: ByteQueue;
  /** Once it is aborted no further line is read. */
  readonly stop: AbortSignal;
  /** The answer to a line. */
  answer(line: string): Promise<object>;
  /** What is said where that failed. */
  failure(error: unknown): object;
}

/**
 * Answers a stream of lines, a line each and in their order: each as soon as those before it are answered.
 * No more than `most` are read ahead, and none where the queue has no room or nobody fetches the answers.
 */
export async function* answerLines(
  source: AsyncIterable<Buffer>,
  { most, lineLimit, queue, stop, answer, failure }: LineAnswers,
): AsyncGenerator<string> {
  const lines = readLines(source, lineLimit);
  /** What is said to each line that has been read, once that is known. */
  const turns: { text?: string }[] = [];
  let wake = () => {};
  let isReading = false;
  let isEnded = false;
  let broken: unknown;
  const say = (value: object) => `${JSON.stringify(value)}\n`;
  const read = async () => {
    isReading = true;
    try {
      const { done, value } = await lines.next();
      if (done) isEnded = true;
      else if (!isEnded) {
        await queue.takeLater(value.length);
        const turn = {};
        turns.push(turn);
        void take(value, turn);
      }
    } catch (error) {
      broken = error;
      isEnded = true;
    }
    isReading = false;
    wake();
  };
  const take = async (line: string, turn: { text?: string }) => {
    try {
      turn.text = say(await answer(line));
    } catch (error) {
      turn.text = say(failure(error));
    }
    queue.release(line.length);
    wake();
  };
  const end = () => wake();
  stop.addEventListener("abort", end);
  try {
    for (;;) {
      if (stop.aborted) isEnded = true;
      if (!isEnded && !isReading && turns.length < most) void read();
      let text = "";
      while (turns[0]?.text !== undefined) text += turns.shift()?.text;
      if (text !== "") yield text;
      else if (isEnded && turns.length === 0) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    isEnded = true;
    stop.removeEventListener("abort", end);
  }
  if (broken !== undefined) yield say(failure(broken));
  if (stop.aborted)
    yield say({
      error: "Expected a service that goes on but it is ending; send the rest again later",
    });
}
