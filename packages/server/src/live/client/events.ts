/** An event of a stream of server-sent events. */
export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
}

/**
 * Reads the events of a response. `EventSource` would do, but cannot send a token.
 * @throws if the connection breaks.
 */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const part = (name: string) =>
        lines
          .filter((line) => line.startsWith(`${name}: `))
          .map((line) => line.slice(name.length + 2))
          .join("\n");
      yield { name: part("event"), data: JSON.parse(part("data")) };
    }
  }
}
