import { request } from "node:http";
import { createLearner } from "@ferret-ocl/pipeline";
import { expect, it } from "vitest";
import { learner, sampleAt, serving, until } from "./serving.js";

const ndjson = "application/x-ndjson";
const line = (value: unknown) => `${JSON.stringify(value)}\n`;

/** A stream of lines to a service: what is sent when, and what has come back. */
function stream(url: string, path: string) {
  const sent = request(`${url}${path}`, { method: "POST", headers: { "content-type": ndjson } });
  let text = "";
  let pause = false;
  let fetched: { pause(): void; resume(): void } | undefined;
  const done = new Promise<number>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response) => {
      fetched = response;
      if (pause) response.pause();
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => resolve(response.statusCode as number));
      if (pause) response.pause();
    });
  });
  done.catch(() => {});
  return {
    sent,
    done,
    lines: () =>
      text
        .split("\n")
        .filter((each) => each !== "")
        .map((each) => JSON.parse(each)),
    pause() {
      pause = true;
      fetched?.pause();
    },
    resume() {
      pause = false;
      fetched?.resume();
    },
  };
}

it("answers each line as soon as it can, in their order", async () => {
  const { server, service } = await serving();
  const { sent, lines, done } = stream(server.url, "/predict");
  for (let k = 0; k < 3; k++) {
    const whole = line({ x: sampleAt(k), id: `k${k}` });
    // In pieces, as networks have it.
    sent.write(whole.slice(0, 7));
    sent.write(whole.slice(7));
    await until(() => lines().length === k + 1);
  }
  sent.write(`${line({ x: [1] })}\n${line({ x: sampleAt(3), id: "k3" })}nonsense\n`);
  sent.end(JSON.stringify({ x: sampleAt(4), id: "k4" }));
  expect(await done).toBe(200);
  const all = lines();
  expect(all.map(({ id }) => id)).toEqual(["k0", "k1", "k2", undefined, "k3", undefined, "k4"]);
  expect(all[3]).toEqual({ error: expect.stringMatching(/samples of 4 numbers for x/) });
  expect(all[5]).toEqual({ error: expect.stringMatching(/Expected JSON/) });
  for (const [at, k] of [
    [0, 0],
    [6, 4],
  ] as const) {
    const direct = await service.learner.predict(sampleAt(k));
    expect(all[at].probabilities).toEqual([...("values" in direct ? [] : direct.probabilities)]);
  }
});

it("learns lines in their order", async () => {
  const { ask, service } = await serving();
  const direct = await createLearner(learner);
  const all = Array.from({ length: 50 }, (_, k) => ({ x: sampleAt(k), y: k % 3 }));
  const { text, status } = await ask("/learn", all.map(line).join(""), { type: ndjson });
  expect(status).toBe(200);
  expect(text).toBe('{"learned":1}\n'.repeat(50));
  for (const { x, y } of all) await direct.learn(x, y);
  expect(service.learner.parameters()).toEqual(direct.parameters());
  await direct.dispose();
});

it("reads no further than answers are fetched", async () => {
  const { server } = await serving();
  const { sent, lines, done, pause, resume } = stream(server.url, "/label");
  pause();
  // Cheap to answer, and its answer names it.
  const unknown = line({ id: "u".repeat(128), label: 0 });
  const all = 200_000;
  let written = 0;
  const write = () => {
    while (written < all) {
      written++;
      if (!sent.write(unknown)) return void sent.once("drain", write);
    }
    sent.end();
  };
  write();
  // Until nothing has moved for a while.
  let before = -1;
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stands = written === before;
    before = written;
    return stands;
  });
  expect(written).toBeLessThan(all);
  sent.removeAllListeners("drain");
  sent.end();
  resume();
  expect(await done).toBe(200);
  expect(lines().length).toBe(written);
});

it("ends with what was wrong at a line that is too long", async () => {
  const { server } = await serving({}, { bodyLimit: 1000 });
  const { sent, lines, done } = stream(server.url, "/predict");
  sent.write(line({ x: sampleAt(0) }));
  sent.write("1".repeat(2000));
  sent.on("error", () => {});
  await done.catch(() => {});
  await until(() => lines().length === 2);
  expect(lines()[1].error).toMatch(/lines of at most 1000 bytes/);
});

it("leaves nothing of a client that goes away", async () => {
  const { server, ask, service } = await serving();
  for (let time = 0; time < 5; time++) {
    const { sent, lines, done } = stream(server.url, "/learn");
    sent.write(line({ x: sampleAt(0), y: 0 }));
    await until(() => lines().length === 1);
    sent.write('{"x": [1, 2');
    sent.destroy();
    await done.catch(() => {});
  }
  await until(async () => (await ask("/metrics")).text.includes("\nferret_queue_bytes 0\n"));
  expect(service.learner.metrics().items).toBe(5);
});

it("finishes lines that have come when the service ends, and says that it does", async () => {
  const { server } = await serving();
  const { sent, lines, done } = stream(server.url, "/predict");
  sent.write(line({ x: sampleAt(0) }));
  await until(() => lines().length === 1);
  expect(await server.drain(5000)).toBe(true);
  await done;
  expect(lines()[1].error).toMatch(/it is ending/);
});
