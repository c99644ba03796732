import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Service, serve, shutDown } from "../../src/index.js";
import { learner, sampleAt, serving, until } from "./serving.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-drain-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const x = sampleAt(0);
const body = JSON.stringify({ x, y: 1 });
const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

it("finishes what is under way, and answers 503 to what comes later", async () => {
  const { open, server, service, ask } = await serving();
  const early = await open();
  early.socket.write(head("/learn", body.length) + body.slice(0, 5));
  // Has been served before, and asks again.
  const kept = await open();
  kept.socket.write(head("/learn", body.length) + body);
  await until(() => kept.came().includes("learned"));
  await until(async () => (await ask("/readyz")).status === 200);
  const draining = server.drain(5000);
  kept.socket.write(head("/learn", body.length) + body);
  await until(() => kept.came().includes("503"));
  expect(kept.came()).toMatch(/"error":"Expected a service that goes on but it is ending/);
  const ready = await ask("/readyz");
  expect([ready.status, ready.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await ask("/healthz")).status).toBe(200);
  early.socket.write(body.slice(5));
  await early.closed;
  expect(early.came()).toMatch(/^HTTP\/1.1 200 [\s\S]*{"learned":1}/);
  expect(await draining).toBe(true);
  expect(service.learner.metrics().items).toBe(2);
  await expect(ask("/healthz")).rejects.toThrow();
});

it("saves at the end, so that the next one goes on, labels that come late too", async () => {
  const options = { learner, state: join(folder, "state") };
  const first = await Service.open(options);
  const server = await serve(first, { port: 0 });
  const post = (path: string, value: unknown) =>
    fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
    });
  await post("/learn", { x, y: 1 });
  await post("/predict", { x: sampleAt(1), id: "late" });
  expect(await shutDown(server, first, 5000)).toEqual({ answered: true, saved: true });
  const { ask, service } = await serving(options);
  expect(service.learner.metrics().items).toBe(1);
  expect((await ask("/label", { id: "late", label: 2 })).json).toEqual({ learned: 1 });
});

it("cuts off who does not end in time, and saves all the same", async () => {
  const options = { learner, state: join(folder, "cut") };
  const first = await Service.open(options);
  const server = await serve(first, { port: 0 });
  const socket = connect(server.port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  socket.write(head("/learn", 1000) + body);
  await until(async () =>
    (await (await fetch(`${server.url}/metrics`)).text()).includes("ferret_queue_bytes 6048"),
  );
  expect(await shutDown(server, first, 3000)).toEqual({ answered: false, saved: true });
  await closed;
  expect(readdirSync(options.state)).toContain("checkpoint-1.json");
});

it("is not ready where its learner predicts no longer, and still lives", async () => {
  const service = await Service.open({ learner });
  const server = await serve(service, { port: 0 });
  const ask = async (path: string) => {
    const response = await fetch(server.url + path);
    return [response.status, await response.text()] as const;
  };
  expect((await ask("/readyz"))[0]).toBe(200);
  await service.learner.dispose();
  const [status, text] = await ask("/readyz");
  expect(status).toBe(503);
  expect(JSON.parse(text).error).toMatch(/^Expected a learner that predicts/);
  expect((await ask("/healthz"))[0]).toBe(200);
  await server.drain(1000);
});
