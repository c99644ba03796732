import { jetstream } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  connectNats,
  type NatsPosition,
  type NatsSourceOptions,
  natsSource,
  publishItems,
  type SourceMessage,
} from "../../../src/index.js";
import { temporaryFolders } from "../../follow/circle.js";
import { makeStream, missingServer, NatsServer } from "./nats-server.js";

describe.skipIf(missingServer)(missingServer ?? "a stream of NATS JetStream", () => {
  const place = temporaryFolders();
  let server: NatsServer;
  let connection: NatsConnection;
  const notices: string[] = [];
  beforeAll(async () => {
    server = await NatsServer.start(place("server"));
    connection = await connectNats(server.url, (notice) => notices.push(notice));
  });
  afterAll(async () => {
    await connection?.close();
    await server?.kill();
  });

  type Options = Partial<NatsSourceOptions> & { readonly stream: string };

  async function open(options: Options, after?: NatsPosition) {
    const subjects = [`${options.stream.toLowerCase()}.>`];
    const source = await natsSource({ connection, subjects, ...options });
    return source.read(after, new AbortController().signal)[Symbol.asyncIterator]();
  }

  /** Much faster than a matcher, for a million values. */
  const areEqual = (some: unknown, others: Float32Array) =>
    Buffer.from((some as Float32Array).buffer).equals(Buffer.from(others.slice().buffer));

  /** What there is. */
  async function readAll(options: Options, after?: NatsPosition) {
    const messages: SourceMessage<NatsPosition>[] = [];
    const iterator = await open({ endless: false, ...options }, after);
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      messages.push(next.value);
    return messages;
  }

  const numbers = (count: number, first = 0) =>
    Array.from({ length: count }, (_, k) => ({ x: [first + k], y: 1, id: `${first + k}` }));

  it("gives each message in its order, with its place", async () => {
    const manager = await makeStream(connection, "ORDER");
    const published = await publishItems(connection, "order.items", numbers(300));
    expect(published).toEqual({ messages: 300, duplicates: 0 });
    // Whoever sends it again knows nothing of the first time.
    expect(await publishItems(connection, "order.items", numbers(10))).toEqual({
      messages: 10,
      duplicates: 10,
    });
    const { created, state } = await manager.streams.info("ORDER");
    expect(state.messages).toBe(300);
    const messages = await readAll({ stream: "ORDER" });
    expect(messages).toEqual(
      numbers(300).map((item, k) => ({
        ...item,
        position: { stream: "ORDER", created, sequence: k + 1 },
      })),
    );
    for (const [at, count] of [
      [0, 299],
      [150, 149],
      [299, 0],
    ] as const) {
      const behind = await readAll({ stream: "ORDER" }, messages[at]!.position);
      expect(behind).toEqual(messages.slice(300 - count));
    }
  });

  it("leaves other subjects of the stream out", async () => {
    await makeStream(connection, "MIXED");
    for (let k = 0; k < 5; k++)
      for (const kind of ["items", "labels", "others"])
        await publishItems(connection, `mixed.${kind}`, [{ x: [k], id: `${kind} ${k}` }]);
    const idsOf = async (...subjects: string[]) =>
      (await readAll({ stream: "MIXED", subjects })).map(({ id }) => id);
    expect(await idsOf("mixed.items")).toEqual([0, 1, 2, 3, 4].map((k) => `items ${k}`));
    expect(await idsOf("mixed.items", "mixed.labels")).toEqual(
      [0, 1, 2, 3, 4].flatMap((k) => [`items ${k}`, `labels ${k}`]),
    );
  });

  it("puts large items together again, to the bit, wherever it goes on", async () => {
    const most = connection.info!.max_payload;
    const manager = await makeStream(connection, "LARGE");
    const large = new Float32Array(400_000).map((_, at) => Math.sin(at));
    const bytes = new Uint8Array(1_200_000).map((_, at) => at % 251);
    const items = [
      { x: [1], y: 0, id: "small" },
      { x: large, y: [3, 4], shape: [2, 200_000], id: "large" },
      { x: bytes, id: "bytes" },
      { x: Array.from(large.subarray(0, 60_000)), y: 1, id: "text" },
    ];
    const { messages: parts } = await publishItems(connection, "large.items", items);
    expect(parts).toBeGreaterThan(1 + Math.ceil((4 * large.length) / most) + 2);
    const { state } = await manager.streams.info("LARGE");
    expect(state.messages).toBe(parts);

    const messages = await readAll({ stream: "LARGE" });
    expect(messages.map(({ id }) => id)).toEqual(["small", "large", "bytes", "text"]);
    const [, whole, raw, text] = messages;
    expect(areEqual(whole!.x, large)).toBe(true);
    expect(Array.from(whole!.y as Int32Array)).toEqual([3, 4]);
    expect(
      areEqual(
        raw!.x,
        Float32Array.from(bytes, (value) => value / 255),
      ),
    ).toBe(true);
    const fromText = Float32Array.from(text?.x as number[]);
    expect(areEqual(fromText, large.subarray(0, 60_000))).toBe(true);
    for (const [at, { position }] of messages.entries())
      expect((await readAll({ stream: "LARGE" }, position)).map(({ id }) => id)).toEqual(
        messages.slice(at + 1).map(({ id }) => id),
      );
  });

  it("refuses a stream that was made anew, purged, or is shorter, and names both", async () => {
    const manager = await makeStream(connection, "FATE");
    await publishItems(connection, "fate.items", numbers(20));
    const messages = await readAll({ stream: "FATE" });
    const tenth = messages[9]!.position!;
    const { created } = tenth;

    await manager.streams.purge("FATE", { seq: 16 });
    await expect(readAll({ stream: "FATE" }, tenth)).rejects.toThrow(
      "Expected stream FATE to go on at message 11 but its first is 16: those before it were purged",
    );
    const accepted = await readAll({ stream: "FATE", gaps: "accept" }, tenth);
    expect(accepted).toEqual(messages.slice(15));
    // Nothing that is missing was needed.
    expect(await readAll({ stream: "FATE" }, messages[14]!.position)).toEqual(messages.slice(15));

    await expect(readAll({ stream: "FATE" }, { ...tenth, sequence: 21 })).rejects.toThrow(
      "Expected stream FATE to have message 21, as the checkpoint says, but its last is 20",
    );
    await manager.streams.delete("FATE");
    await expect(readAll({ stream: "FATE" }, tenth)).rejects.toThrow(
      "Expected stream FATE but got",
    );
    await makeStream(connection, "FATE");
    await publishItems(connection, "fate.items", numbers(50, 100));
    const { created: again } = await manager.streams.info("FATE");
    await expect(readAll({ stream: "FATE" }, tenth)).rejects.toThrow(
      `Expected stream FATE made at ${created}, as the checkpoint says, but the one that is there was made at ${again}`,
    );
  });

  it("sees a message that is missing in the middle", async () => {
    const manager = await makeStream(connection, "HOLE");
    await publishItems(connection, "hole.items", numbers(10));
    await manager.streams.deleteMessage("HOLE", 6);
    await expect(readAll({ stream: "HOLE" })).rejects.toThrow(
      "Expected message 6 of stream HOLE but 7 came: those between were deleted",
    );
    expect(await readAll({ stream: "HOLE", gaps: "accept" })).toHaveLength(9);
  });

  it("ends with an error when the stream is made anew while it reads", async () => {
    const manager = await makeStream(connection, "ANEW");
    await publishItems(connection, "anew.items", numbers(3));
    const iterator = await open({ stream: "ANEW" });
    for (let k = 0; k < 3; k++) expect((await iterator.next()).done).toBe(false);
    const next = iterator.next();
    await manager.streams.delete("ANEW");
    await makeStream(connection, "ANEW");
    await publishItems(connection, "anew.items", numbers(30));
    await expect(next).rejects.toThrow("Expected stream ANEW made at");
  });

  it("names what cannot be read, and goes on", async () => {
    await makeStream(connection, "BAD");
    const client = jetstream(connection);
    const send = (data: string | Uint8Array, fields: Record<string, string> = {}) => {
      const head = headers();
      for (const [name, value] of Object.entries(fields)) head.set(name, value);
      return client.publish("bad.items", data, { headers: head });
    };
    await send("no JSON");
    await send(new Uint8Array([0xff]));
    await send(new Uint8Array(8), { "Ferret-Encoding": "float32", "Ferret-Shape": "3" });
    await send(new Uint8Array(8), { "Ferret-Encoding": "float32", "Ferret-Shape": "two" });
    await send(new Uint8Array(8), { "Ferret-Encoding": "float64" });
    await send("{}", { "Ferret-Batch": "b", "Ferret-Part": "3", "Ferret-Parts": "3" });
    await send('{"x": [1], "y": 0}');
    const messages = await readAll({ stream: "BAD" });
    expect(messages.map(({ fault }) => fault)).toEqual([
      'Expected JSON but received "no JSON"',
      "Expected text in UTF-8 but found other bytes",
      "Expected 12 bytes for Ferret-Shape 3 of float32 and 0 labels but received 8",
      'Expected whole numbers for Ferret-Shape but received "two"',
      "Expected json, float32 or uint8 for Ferret-Encoding but received float64",
      "Expected a part of at most 65536 of b but it says neither",
      undefined,
    ]);
    expect(messages.at(-1)!.id).toBe("7");
  });

  it("refuses streams that forget what is acknowledged, and subjects without a stream", async () => {
    await makeStream(connection, "WORK", { retention: "workqueue" });
    await expect(readAll({ stream: "WORK" })).rejects.toThrow(
      'Expected a stream with the retention "limits" but WORK has "workqueue"',
    );
    await expect(natsSource({ connection, subjects: ["nobody.has"] })).rejects.toThrow(
      "Expected a stream that has the subject nobody.has",
    );
    await expect(connectNats("nats://127.0.0.1:1")).rejects.toThrow(
      "Expected a NATS server at nats://127.0.0.1:1 but got",
    );
  });

  it("says so when no stream takes what is published, or it refuses it", async () => {
    const [item] = numbers(1);
    await expect(
      publishItems(connection, "nobody.has", [item!], { patience: 300 }),
    ).rejects.toThrow("Expected a stream to take a message of 24 bytes at nobody.has but got");
    // By default it waits for none, however many items there are.
    await expect(publishItems(connection, "nobody.has", numbers(3))).rejects.toThrow(
      /^Expected a stream that takes messages at nobody\.has but the server has none; [^;]*$/,
    );
    await makeStream(connection, "FULL", { max_msgs: 1, discard: "new" });
    const twoItems = publishItems(connection, "full.items", numbers(2));
    await expect(twoItems).rejects.toThrow("maximum messages exceeded");
  });

  // The last one: the others share the server.
  it("goes on, once and in order, when the server is killed and comes back", async () => {
    await makeStream(connection, "BACK");
    await publishItems(connection, "back.items", numbers(200));
    const iterator = await open({ stream: "BACK" });
    const found: number[] = [];
    const take = async () => {
      const { value } = await iterator.next();
      found.push((value!.x as number[])[0]!);
    };
    for (let k = 0; k < 100; k++) await take();
    await server.kill();
    const more = publishItems(connection, "back.items", numbers(100, 200));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.start();
    while (found.length < 300) await take();
    expect(found).toEqual(Array.from({ length: 300 }, (_, k) => k));
    expect((await more).messages).toBe(100);
    expect(notices.join()).toMatch(/is lost; connecting again.*Connected to NATS at .* again/);
  });
});
