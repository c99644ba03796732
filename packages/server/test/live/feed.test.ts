import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { eventsOf } from "../../src/live/client/events.js";
import { LiveFeed } from "../../src/live/feed.js";
import type { LiveSnapshot } from "../../src/live/snapshot.js";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A feed whose snapshots count up, each with so many characters of title. */
async function serve(characters: number, every: number) {
  let items = 0;
  const title = "a\n".repeat(characters / 2);
  const look = (): LiveSnapshot => ({
    at: items,
    title,
    items: items++,
    dropped: 0,
    score: null,
    latency: { p50: 0, p99: 0 },
    memory: { budget: null, categories: [] },
    arrivalInterval: 1,
    workers: 1,
    stages: [],
    replans: 0,
    grid: null,
    warnings: [],
  });
  const feed = new LiveFeed(look, every);
  const server = createServer((_, response) => feed.answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    feed.close();
    server.closeAllConnections();
    server.close();
  });
  return { feed, port: (server.address() as AddressInfo).port };
}

it("tells the past once, then what is now, and ends with the last of it", async () => {
  const { feed, port } = await serve(10, 10);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const seen: { name: string; data: unknown }[] = [];
  for await (const event of eventsOf(response.body as ReadableStream<Uint8Array>)) {
    seen.push(event);
    if (seen.length === 5) feed.close();
  }
  expect(seen.map(({ name }) => name)).toEqual(["past", ...new Array(seen.length - 1).fill("now")]);
  const items = seen.slice(1).map(({ data }) => (data as LiveSnapshot).items);
  expect(items).toEqual(items.map((_, index) => (items[0] as number) + index));
  expect(feed.readers).toBe(0);
});

it("lets readers go that take nothing in, and those that have gone", async () => {
  const { feed, port } = await serve(200_000, 5);
  const slow = connect(port, "127.0.0.1");
  slow.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  slow.pause();
  slow.on("error", () => {});
  const gone = connect(port, "127.0.0.1");
  gone.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await expect.poll(() => feed.readers).toBe(2);
  gone.destroy();
  await expect.poll(() => feed.readers, { timeout: 20_000 }).toBe(0);
  slow.destroy();
});

it("reads events however they are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ name: fc.constantFrom("past", "now"), data: fc.jsonValue() })),
      fc.integer({ min: 1, max: 9 }),
      async (events, length) => {
        const text = events.map(
          ({ name, data }) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
        );
        const bytes = new TextEncoder().encode(text.join(""));
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            for (let at = 0; at < bytes.length; at += length)
              controller.enqueue(bytes.slice(at, at + length));
            controller.close();
          },
        });
        const read: unknown[] = [];
        for await (const event of eventsOf(body)) read.push(event);
        expect(read).toEqual(
          events.map(({ name, data }) => ({ name, data: JSON.parse(JSON.stringify(data)) })),
        );
      },
    ),
  );
});
