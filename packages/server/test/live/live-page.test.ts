import { connect } from "node:net";
import { createLearner } from "@ferret-ocl/pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LivePage, look, openLivePage } from "../../src/index.js";

let page: LivePage;
let learner: Awaited<ReturnType<typeof createLearner>>;
beforeAll(async () => {
  learner = await createLearner({
    model: [{ class_name: "Dense", config: { units: 3 } }],
    inputShape: [4],
    classes: 3,
    arrivalInterval: "1ms",
    clock: { kind: "virtual" },
  });
  const { model } = learner;
  page = await openLivePage(() =>
    look({
      title: "a learner",
      model,
      plan: learner.plan,
      metrics: learner.metrics(),
      memoryBudget: null,
      arrivalInterval: 1,
      score: null,
    }),
  );
});
afterAll(() => learner.dispose());

/** The status of a request as it stands. */
function statusOf(head: string): Promise<number> {
  const socket = connect(Number(new URL(page.address).port), "127.0.0.1");
  socket.write(`${head}\r\nconnection: close\r\n\r\n`);
  return new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(Number(data.toString().slice(9, 12))));
    socket.once("error", reject);
  });
}

it.each([
  ["GET / HTTP/1.1\r\nhost: localhost", 200],
  ["GET /?a=b HTTP/1.1\r\nhost: localhost", 200],
  ["GET // HTTP/1.1\r\nhost: localhost", 404],
  ["GET http://[ HTTP/1.1\r\nhost: localhost", 404],
  ["GET /%ff HTTP/1.1\r\nhost: localhost", 404],
  ["POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0", 405],
  ["GET / HTTP/1.1\r\nhost: example.org", 421],
])("answers %j with %i", async (head, status) => {
  expect(await statusOf(head)).toBe(status);
});

it("says that it is over", async () => {
  const events = await fetch(new URL("events", page.address));
  await page.close();
  const text = await events.text();
  expect(text).toMatch(/^event: past\n/);
  expect(text.endsWith("event: over\ndata: null\n\n")).toBe(true);
});
