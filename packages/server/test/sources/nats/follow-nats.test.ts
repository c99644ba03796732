import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  connectNats,
  type FollowWords,
  followSetting,
  natsPredictions,
  publishItems,
  readFollowOptions,
  Service,
} from "../../../src/index.js";
import { circleLearner, classOf, pointAt, temporaryFolders } from "../../follow/circle.js";
import { makeStream, missingServer, NatsServer } from "./nats-server.js";

describe.skipIf(missingServer)(missingServer ?? "a service that follows NATS JetStream", () => {
  const place = temporaryFolders();
  let server: NatsServer;
  let connection: NatsConnection;
  beforeAll(async () => {
    server = await NatsServer.start(place("server"));
    connection = await connectNats(server.url);
  });
  afterAll(async () => {
    await connection?.close();
    await server?.kill();
  });

  const pointsFrom = (first: number, count: number) =>
    Array.from({ length: count }, (_, k) => ({ x: pointAt(first + k), id: `${first + k}` }));
  const labelsOf = (first: number, count: number) =>
    pointsFrom(first, count).map(({ x, id }) => ({ id, y: classOf(x) }));

  /** Follows until so many messages have been taken in. */
  async function followUntil(
    state: string,
    words: FollowWords,
    messages: number,
    isKilled = false,
  ) {
    const service = await Service.open({ learner: circleLearner, state });
    // What a kill leaves behind: no checkpoint of the end.
    if (isKilled) service.beginSave = async () => ({ written: Promise.resolve({}) });
    const setting = readFollowOptions({ nats: server.url, every: "1000items", ...words })!;
    const following = await followSetting(service, setting, () => {});
    while (following.counts.messages < messages)
      await Promise.race([following.ended, new Promise((resolve) => setTimeout(resolve, 5))]);
    following.stop();
    const counts = await following.ended;
    await following.close();
    const { items } = service.learner.metrics();
    await service.close();
    return { counts, items };
  }

  it("joins items and labels of two streams, and publishes each prediction once", async () => {
    await makeStream(connection, "ITEMS");
    await makeStream(connection, "LABELS");
    const manager = await makeStream(connection, "PREDICTIONS");
    const words = { items: "items.a", labels: "LABELS/labels.a", predictions: "predictions.a" };
    const state = place("joined");
    await publishItems(connection, "items.a", pointsFrom(0, 60));
    await publishItems(connection, "labels.a", labelsOf(0, 40));
    const first = await followUntil(state, words, 100);
    expect(first.counts).toMatchObject({ labelled: 40, alone: expect.any(Number), bad: 0 });
    expect(first.items).toBe(40);

    await publishItems(connection, "items.a", pointsFrom(60, 40));
    // Labels of items that came before the restart, too.
    await publishItems(connection, "labels.a", labelsOf(40, 60));
    const killed = await followUntil(state, words, 200, true);
    expect(killed.counts).toMatchObject({ labelled: 100, unmatched: 0 });
    const again = await followUntil(state, words, 200);
    expect(again.counts).toMatchObject({ labelled: 100, messages: 200, unmatched: 0 });
    expect(again.items).toBe(100);

    const { state: kept } = await manager.streams.info("PREDICTIONS");
    expect(kept.messages).toBe(100);
    const consumer = await jetstream(connection).consumers.get("PREDICTIONS", {
      deliver_policy: DeliverPolicy.All,
    });
    const sequences: number[] = [];
    const messages = await consumer.fetch({ max_messages: 100, expires: 5_000 });
    for await (const message of messages) {
      const { source, sequence, id, label, labels, probabilities } = message.json<{
        readonly source: string;
        readonly sequence: number;
        readonly id: string;
        readonly label: number;
        readonly labels: number[];
        readonly probabilities: number[];
      }>();
      expect(source).toBe("ITEMS");
      expect(id).toBe(`${sequence - 1}`);
      expect(labels).toEqual([label]);
      expect(probabilities[label]).toBe(Math.max(...probabilities));
      expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 5);
      sequences.push(sequence);
    }
    expect(sequences.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, k) => k + 1));
  });

  it("publishes values as exactly as they are, and places that are no sequences", async () => {
    const manager = await makeStream(connection, "VALUES");
    const publish = natsPredictions(connection, "values.a");
    const values = Float32Array.of(0.1, -1 / 3, 1e-30);
    for (let copy = 0; copy < 2; copy++)
      await publish({ source: "s", position: { line: 7 }, id: undefined, values });
    const { state } = await manager.streams.info("VALUES");
    expect(state.messages).toBe(1);
    const message = await manager.streams.getMessage("VALUES", { seq: 1 });
    const found = message!.json<{ readonly values: number[] }>();
    expect(found).toMatchObject({ source: "s", position: { line: 7 } });
    expect(Float32Array.from(found.values)).toEqual(values);
  });

  it("refuses to follow its own predictions, or to publish them where no stream is", async () => {
    await makeStream(connection, "LOOP");
    const open = (words: FollowWords) => followUntil(place("loop"), words, 1);
    await expect(open({ items: "loop.>", predictions: "loop.out" })).rejects.toThrow(
      "Expected another subject for --predictions than what is followed, loop.>",
    );
    await expect(open({ items: "loop.in", predictions: "nowhere" })).rejects.toThrow(
      "Expected a stream that has the subject nowhere",
    );
  });
});
