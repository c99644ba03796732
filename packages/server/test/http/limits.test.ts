import { describe, expect, it } from "vitest";
import { checkHttpOptions, Service, serve } from "../../src/index.js";
import { learner, type Serving, sampleAt, serving, until } from "./serving.js";

const x = sampleAt(0);
const body = JSON.stringify({ x });
const head = (length: number, path = "/predict") =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const queueBytes = async ({ ask }: Serving) =>
  Number(/\nferret_queue_bytes (\d+)\n/.exec((await ask("/metrics")).text)?.[1]);

describe("a token", () => {
  it("is asked for everywhere but where health is asked for", async () => {
    const { ask, service } = await serving({}, { token: "secret" });
    for (const path of ["/healthz", "/readyz"]) expect((await ask(path)).status).toBe(200);
    const bearer = (token: string) => ({ headers: { authorization: token } });
    for (const [headers, error] of [
      [{}, /Authorization: Bearer TOKEN but it is missing/],
      [bearer("Bearer other"), /received another one/],
      [bearer("Bearer secret2"), /received another one/],
      [bearer("Basic secret"), /received another one/],
    ] as const) {
      const answer = await ask("/learn", { x, y: 0 }, headers);
      expect(answer.status).toBe(401);
      expect(answer.json).toEqual({ error: expect.stringMatching(error) });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect((await ask("/metrics", undefined, headers)).status).toBe(401);
    }
    expect(service.learner.metrics().items).toBe(0);
    expect((await ask("/learn", { x, y: 0 }, bearer("Bearer secret"))).status).toBe(200);
  });

  it("has to be given where others than this machine could ask, unless it is open to all", async () => {
    const service = await Service.open({ learner });
    await expect(serve(service, { host: "0.0.0.0", port: 0 })).rejects.toThrow(
      /Expected a token for a service that others than this machine reach, at 0.0.0.0/,
    );
    await expect(serve(service, { host: "::", port: 0 })).rejects.toThrow(/at ::,/);
    await expect(serve(service, { token: "two words" })).rejects.toThrow(/without spaces/);
    const open = await serve(service, { host: "0.0.0.0", port: 0, open: true });
    await open.drain(1000);
    await service.close();
  });
});

it("answers without a token only who asks for this machine by a name of its own", async () => {
  const statusFor = async ({ open }: Serving, name: string, path: string) => {
    const { socket, came } = await open();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${name}\r\n\r\n`);
    await until(() => came().includes("\r\n"));
    socket.destroy();
    return Number(came().slice(9, 12));
  };
  const own = await serving();
  for (const name of ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.1.2.3", "[::1]:9"])
    expect([name, await statusFor(own, name, "/metrics")]).toEqual([name, 200]);
  for (const name of [
    "example.org",
    "localhost.example.org:80",
    "127.0.0.1.example.org",
    "",
    "[::2]",
  ])
    expect([name, await statusFor(own, name, "/metrics")]).toEqual([name, 421]);
  expect(await statusFor(own, "example.org", "/healthz")).toBe(200);
  const closed = await serving({}, { token: "secret" });
  expect(await statusFor(closed, "example.org", "/metrics")).toBe(401);
});

it.each([
  [{ port: 70_000 }, /a port from 0 to 65535 for port but received 70000/],
  [{ bodyLimit: "1GiB" }, /at least the body limit, 1073741824 bytes,/],
  [{ connectionLimit: 0 }, /of at least 1 for connectionLimit/],
  [{ rateLimit: 0.5 }, /for rateLimit but received 0.5/],
  [{ requestTimeout: "soon" }, /for requestTimeout but received "soon"/],
  [{ host: "192.168.0.1" }, /Expected a token/],
] as const)("refuses %j before it listens", (options, message) => {
  expect(() => checkHttpOptions(options)).toThrow(message);
});

it("says why it cannot listen", async () => {
  const { server } = await serving();
  const service = await Service.open({ learner });
  await expect(serve(service, { port: server.port })).rejects.toThrow(/listen on .* EADDRINUSE/);
  await service.close();
});

it("refuses a body that is too large, however its length is told", async () => {
  const { ask, open } = await serving({}, { bodyLimit: 100 });
  const large = { x: new Array(100).fill(1) };
  const { status, json } = await ask("/predict", large);
  expect([status, json.error]).toEqual([413, expect.stringMatching(/a body within the limit/)]);
  const { socket, came, closed } = await open();
  const chunked = head(0).replace(/content-length: 0/, "transfer-encoding: chunked");
  socket.write(`${chunked}c8\r\n${"1".repeat(200)}\r\n`);
  await until(() => came().includes("\r\n\r\n"));
  expect(came()).toMatch(/^HTTP\/1.1 413 /);
  await closed;
});

it("answers 429 where there are too many bytes at once, and takes what comes later", async () => {
  const made = await serving({}, { bodyLimit: 5000, queueLimit: 8000 });
  const { ask, open } = made;
  // The first one keeps its room for as long as it sends.
  const { socket, came } = await open();
  socket.write(head(body.length + 4000) + " ".repeat(4000));
  await until(async () => (await queueBytes(made)) > 4000);
  const refused = await ask("/predict", `${body}${" ".repeat(3000)}`);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.json.error).toMatch(/at most 8000 bytes of requests at once/);
  expect((await ask("/metrics")).text).toContain('ferret_refused_requests_total{reason="queue"} 1');
  socket.write(body);
  await until(() => came().includes("probabilities"));
  socket.destroy();
  expect((await ask("/predict", `${body}${" ".repeat(3000)}`)).status).toBe(200);
  await until(async () => (await queueBytes(made)) === 0);
});

it("answers 429 where one address asks too often, guesses of a token too", async () => {
  const { ask } = await serving({}, { rateLimit: 3, token: "secret" });
  const answers = [];
  for (let time = 0; time < 5; time++) answers.push(await ask("/metrics"));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(3);
  expect(refused.length).toBeGreaterThan(0);
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused[0]?.json).toEqual({ error: expect.stringMatching(/at most 3 requests a second/) });
});

it("closes connections above their number", async () => {
  const { open } = await serving({}, { connectionLimit: 2 });
  const kept = [await open(), await open()];
  for (const { socket } of kept) socket.write(head(body.length) + body);
  await until(() => kept.every(({ came }) => came().includes("probabilities")));
  const third = await open();
  await third.closed;
  for (const { socket } of kept) socket.destroy();
});

describe("slow and broken clients", () => {
  it("are ended: a head, a body and an answer have to move on in time", async () => {
    const made = await serving({}, { requestTimeout: 200 });
    const slowHead = await made.open();
    slowHead.socket.write("POST /predict HTTP/1.1\r\nhost: localhost\r\n");
    const slowBody = await made.open();
    slowBody.socket.write(head(body.length) + body.slice(0, -1));
    // A byte now and then does not help.
    const drip = setInterval(() => slowHead.socket.write("x"), 50);
    const slowLines = await made.open();
    slowLines.socket.write(
      head(0).replace(/json\r\ncontent-length: 0/, "x-ndjson\r\ntransfer-encoding: chunked"),
    );
    await Promise.all([slowHead.closed, slowBody.closed, slowLines.closed]);
    clearInterval(drip);
    expect(slowHead.came()).toMatch(/^HTTP\/1.1 408 /);
    expect(slowBody.came()).toMatch(/^HTTP\/1.1 408 [\s\S]*"error":"Expected the whole request/);
    await until(async () => (await queueBytes(made)) === 0);
    expect((await made.ask("/predict", { x })).status).toBe(200);
  });

  it("leave nothing behind, and learn nothing", async () => {
    const made = await serving();
    const broken = [
      "nonsense\r\n\r\n",
      "POST /learn HTTP/1.1\r\n",
      head(1000, "/learn"),
      head(1000, "/learn") + body,
      `${head(4, "/learn")}\u0000\u0001\u0002\u0003`,
      head(-5, "/learn"),
      `GET /${"a".repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
      "POST /learn HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ];
    for (const text of broken) {
      const { socket, closed } = await made.open();
      socket.write(text);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
      await closed;
    }
    await until(async () => (await queueBytes(made)) === 0);
    expect(made.service.learner.metrics().items).toBe(0);
    expect(made.service.waiting.count).toBe(0);
    expect((await made.ask("/predict", { x })).status).toBe(200);
  });
});
