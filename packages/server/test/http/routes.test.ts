import { createLearner } from "@ferret-ocl/pipeline";
import { describe, expect, it } from "vitest";
import { learner, regressor, sampleAt, serving } from "./serving.js";

const samples = Array.from({ length: 6 }, (_, k) => sampleAt(k));
const raw = Float32Array.from(samples.flat());
const binary = "application/octet-stream";

describe("POST /predict", () => {
  it("answers what the learner predicts: one, many, and raw", async () => {
    const { ask, service } = await serving();
    const direct = await service.learner.predict(raw);
    const wanted = samples.map((_, k) => {
      if ("values" in direct) return expect.fail();
      return {
        id: expect.any(String),
        label: direct.labels[k],
        probabilities: [...direct.probabilities.subarray(3 * k, 3 * k + 3)],
      };
    });
    const one = await ask("/predict", { x: samples[2] });
    expect([one.status, one.json]).toEqual([200, wanted[2]]);
    const many = await ask(
      "/predict",
      samples.map((x) => ({ x: [x.slice(0, 2), x.slice(2)] })),
    );
    expect(many.json).toEqual(wanted);
    for (const type of [binary, `${binary}; dtype=float32`])
      expect((await ask("/predict", raw, { type })).json).toEqual(wanted);
    const ids = new Set([one.json, ...many.json].map(({ id }) => id));
    expect(ids.size).toBe(7);
  });

  it("divides bytes by 255", async () => {
    const { ask, service } = await serving();
    const bytes = Uint8Array.from([0, 255, 51, 102]);
    const direct = await service.learner.predict(Float32Array.from([0, 1, 51 / 255, 102 / 255]));
    const { json } = await ask("/predict", bytes, { type: `${binary}; dtype=uint8` });
    expect(json).toHaveLength(1);
    expect(json[0].probabilities).toEqual([...("values" in direct ? [] : direct.probabilities)]);
  });

  it("answers values where the learner predicts values", async () => {
    const { ask, service } = await serving({ learner: regressor });
    const direct = await service.learner.predict(raw);
    const { json } = await ask("/predict", raw, { type: binary });
    const values = json.flatMap((each: { values: number[] }) => each.values);
    expect(values).toEqual([...("values" in direct ? direct.values : [])]);
    expect(Object.keys(json[0])).toEqual(["id", "values"]);
  });
});

describe("POST /label and /learn", () => {
  it("make of the learner what direct calls make of it", async () => {
    const { ask, service } = await serving();
    const direct = await createLearner(learner);
    for (const [k, x] of samples.entries()) {
      const y = k % 3;
      if (k % 2 === 0) {
        const { id } = (await ask("/predict", { x })).json;
        expect((await ask("/label", { id, label: y })).json).toEqual({ learned: 1 });
      } else expect((await ask("/learn", { x, y })).json).toEqual({ learned: 1 });
      await direct.learn(x, y);
    }
    const y = [0, 1, 2, 0, 1, 2];
    const type = binary;
    expect((await ask(`/learn?y=${y}`, raw, { type })).json).toEqual({ learned: 6 });
    await direct.learn(raw, y);
    const many = samples.map((x, k) => ({ x, y: y[k] }));
    expect((await ask("/learn", many)).json).toEqual({ learned: 6 });
    await direct.learn(raw, y);
    const ids = (await ask("/predict", raw, { type })).json as { id: string }[];
    const labels = ids.map(({ id }, k) => ({ id, label: y[k] }));
    expect((await ask("/label", labels)).json).toEqual({ learned: 6 });
    await direct.learn(raw, y);
    expect(service.learner.parameters()).toEqual(direct.parameters());
    await direct.dispose();
  });

  it("learn values", async () => {
    const { ask, service } = await serving({ learner: regressor });
    const direct = await createLearner(regressor);
    const y = [0.5, -1, 2];
    await ask("/predict", { x: samples[0], id: "a" });
    expect((await ask("/label", { id: "a", label: y })).json).toEqual({ learned: 1 });
    expect((await ask("/learn", { x: samples[1], y })).json).toEqual({ learned: 1 });
    const two = raw.subarray(0, 8);
    expect((await ask(`/learn?y=${[...y, ...y]}`, two, { type: binary })).status).toBe(200);
    await direct.learn(samples[0] as number[], y);
    await direct.learn(samples[1] as number[], y);
    await direct.learn(two, [...y, ...y]);
    expect(service.learner.parameters()).toEqual(direct.parameters());
    await direct.dispose();
  });

  it("say which id nobody waits under, and learn nothing of that call", async () => {
    const { ask, service } = await serving();
    await ask("/predict", { x: samples[0], id: "a" });
    const before = service.learner.parameters();
    const labels = ["a", "gone", "never"].map((id) => ({ id, label: 1 }));
    const { status, json } = await ask("/label", labels);
    expect(status).toBe(404);
    expect(json.error).toMatch(/for id but received \["gone","never"\]; it is unknown, .*expired/);
    expect(service.learner.parameters()).toEqual(before);
    expect((await ask("/label", { id: "a", label: 1 })).status).toBe(200);
  });
});

describe("what is wrong", () => {
  const x = samples[0] as number[];
  const text = (body: string) => ({ body, type: "application/json" });
  const bytes = (length: number, dtype: string) => ({
    body: new Uint8Array(length),
    type: `${binary}; dtype=${dtype}`,
  });
  const notFinite = { body: Float32Array.of(1, Number.NaN, 3, 4), type: binary };
  const refusals: [what: string, path: string, given: unknown, status: number, error: RegExp][] = [
    ["no JSON", "/predict", text("{x"), 400, /Expected JSON for the body/],
    ["another kind of JSON", "/predict", text("7"), 400, /an object of x, id for the body/],
    ["nothing at all", "/predict", text(""), 400, /Expected JSON for the body/],
    ["an empty list", "/predict", [], 400, /one entry or more for the body/],
    ["a missing field", "/learn", { x }, 400, /Expected the field y but it is missing/],
    ["an unknown field", "/predict", { x, y: 1 }, 400, /for a field but received "y"/],
    ["too few numbers", "/predict", { x: [1, 2] }, 400, /samples of 4 numbers for x .* 2 numbers/],
    ["two samples as one", "/predict", { x: [x, x] }, 400, /4 numbers, one sample, for x/],
    ["words", "/predict", { x: [1, "two", 3, 4] }, 400, /number for value 1 of x .* "two"/],
    ["null", "/predict", { x: [1, null, 3, 4] }, 400, /number for value 1 of x .* null/],
    [
      "a number too large",
      "/predict",
      text('{"x":[1,1e999,3,4]}'),
      400,
      /received Infinity as value 1/,
    ],
    ["one beyond float32", "/learn", text('{"x":[1,1e39,3,4],"y":0}'), 400, /Infinity as value 1/],
    ["raw NaN", "/predict", notFinite, 400, /received NaN as value 1 of sample 0/],
    ["raw NaN to learn", "/learn?y=1", notFinite, 400, /received NaN as value 1 of sample 0/],
    ["a part of a float", "/predict", bytes(15, "float32"), 400, /4 bytes a number .* 15 bytes/],
    ["a part of a sample", "/predict", bytes(6, "uint8"), 400, /samples of 4 numbers for x .* 6/],
    [
      "numbers of another type",
      "/predict",
      bytes(8, "float16"),
      415,
      /dtype=float32 or dtype=uint8/,
    ],
    [
      "another content type",
      "/predict",
      { body: "x", type: "text/plain" },
      415,
      /for the content type/,
    ],
    ["raw labels", "/label", { body: "x", type: binary }, 415, /content type of \/label/],
    ["a class that is none", "/learn", { x, y: 3 }, 400, /class from 0 to 2 .* received 3/],
    ["a class in words", "/label", { id: "waits", label: "1" }, 400, /number for the label/],
    ["raw samples without labels", "/learn", { body: raw, type: binary }, 400, /y in the query/],
    ["too few labels", "/learn?y=1", { body: raw, type: binary }, 400, /Expected 6 labels for y/],
    ["an id that waits", "/predict", { x, id: "waits" }, 409, /no other sample waits .* "waits"/],
    [
      "two of one id",
      "/predict",
      [
        { x, id: "b" },
        { x, id: "b" },
      ],
      409,
      /no other sample waits/,
    ],
    ["an id that is too long", "/predict", { x, id: "i".repeat(129) }, 400, /1 to 128 characters/],
    ["which entry it is", "/predict", [{ x }, { x: [1] }], 400, /\(entry 1 of the body\)/],
    [
      "a budget that fits nothing",
      "/plan",
      { memoryBudget: "1MiB" },
      400,
      /Expected .* budget|budget/i,
    ],
    [
      "a plan's unknown field",
      "/plan",
      { budget: 1 },
      400,
      /memoryBudget, arrivalInterval for a field/,
    ],
  ];

  it("is told in one sentence with its status, and changes nothing", async () => {
    const { ask, service } = await serving();
    await ask("/predict", { x, id: "waits" });
    const before = service.learner.parameters();
    for (const [what, path, given, status, error] of refusals) {
      const isTyped = typeof given === "object" && given !== null && "type" in given;
      const { body, type } = isTyped
        ? (given as { body: unknown; type: string })
        : { body: given, type: "application/json" };
      const answer = await ask(path, body, { type });
      expect([what, answer.status]).toEqual([what, status]);
      expect(Object.keys(answer.json), what).toEqual(["error"]);
      expect(answer.json.error, what).toMatch(error);
      expect(answer.json.error, what).not.toContain("\n");
    }
    expect(service.learner.parameters()).toEqual(before);
    expect(service.learner.metrics().items).toBe(0);
    expect(service.waiting.count).toBe(1);
    expect((await ask("/label", { id: "waits", label: 1 })).status).toBe(200);
  });

  it("names the routes that there are", async () => {
    const { ask } = await serving();
    for (const [path, body] of [
      ["/nothing", undefined],
      ["/predict", undefined],
      ["/healthz", {}],
    ] as const) {
      const { status, json } = await ask(path, body);
      expect(status).toBe(404);
      expect(json.error).toMatch(/POST \/predict, .*GET \/healthz/);
    }
  });
});

it("POST /plan plans anew while it serves", async () => {
  const mlp = { ...learner, model: "mlp", memoryBudget: "8MiB" } as const;
  const { ask, service } = await serving({ learner: mlp });
  const before = service.learner.parameters();
  const { status, json } = await ask("/plan", { memoryBudget: "2MiB", arrivalInterval: "3ms" });
  expect(status).toBe(200);
  expect(json).toMatchObject({ memoryBudget: 2 * 2 ** 20, arrivalInterval: 3 });
  expect(json.memory.total).toBeLessThanOrEqual(2 * 2 ** 20);
  expect(json.memory.byCategory.waiting).toBe(service.waiting.plannedBytes);
  const sum = Object.values(json.memory.byCategory as Record<string, number>);
  expect(sum.reduce((all, bytes) => all + bytes)).toBe(json.memory.total);
  expect(service.learner.switches()).toHaveLength(1);
  expect(service.learner.parameters()).toEqual(before);
});

describe("HEAD", () => {
  it.each(["/", "/page.js", "/healthz", "/readyz", "/metrics", "/openapi.json", "/events"])(
    "of %s answers as GET does, without a body",
    async (path) => {
      const { server } = await serving();
      const abort = new AbortController();
      const get = await fetch(server.url + path, { signal: abort.signal });
      const head = await fetch(server.url + path, { method: "HEAD" });
      expect([head.status, head.headers.get("content-type")]).toEqual([
        200,
        get.headers.get("content-type"),
      ]);
      expect(await head.text()).toBe("");
      abort.abort();
    },
  );

  it("is not for what is posted, and needs the token too", async () => {
    const { server } = await serving({}, { token: "secret" });
    const status = async (path: string, headers = {}) =>
      (await fetch(server.url + path, { method: "HEAD", headers })).status;
    expect(await status("/predict", { authorization: "Bearer secret" })).toBe(404);
    expect(await status("/openapi.json")).toBe(401);
    expect(await status("/openapi.json", { authorization: "Bearer secret" })).toBe(200);
  });
});

it("takes a token whatever the case of its scheme, but not that of the token", async () => {
  const { ask } = await serving({}, { token: "Secret" });
  const status = async (authorization: string) =>
    (await ask("/openapi.json", undefined, { headers: { authorization } })).status;
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"])
    expect([scheme, await status(`${scheme} Secret`)]).toEqual([scheme, 200]);
  for (const wrong of ["bearer secret", "Basic Secret", "bearerSecret", "bearer", "Secret"])
    expect([wrong, await status(wrong)]).toEqual([wrong, 401]);
});

it("has a late label's sample wait on where there is no room to learn it", async () => {
  // Items come much faster than they are learned, so that nearly all are dropped.
  const { ask, service } = await serving({
    learner: { ...learner, arrivalInterval: "0.00001ms", whenBusy: "drop" },
  });
  for (let k = 0; k < 30; k += 1) await ask("/predict", { x: sampleAt(k), id: `${k}` });
  let refused: string | null = null;
  for (let k = 0; k < 30; k += 1) {
    const { status, json } = await ask("/label", { id: `${k}`, label: k % 3 });
    expect(status).toBe(200);
    if (json.learned === 0) refused ??= `${k}`;
  }
  expect(refused).not.toBe(null);
  expect(service.waiting.count).toBe(service.counts.dropped);
  expect(service.scores.samples.all).toBe(service.counts.learned);
  // The id is still that sample's, and is learned when there is room.
  expect((await ask("/predict", { x: sampleAt(1), id: refused })).status).toBe(409);
  const waiting = service.waiting.count;
  let learned = 0;
  for (let k = 0; learned === 0 && k < 10_000; k += 1)
    ({ learned } = (await ask("/label", { id: refused, label: 1 })).json);
  expect(learned).toBe(1);
  expect(service.waiting.count).toBe(waiting - 1);
  expect((await ask("/label", { id: refused, label: 1 })).status).toBe(404);
});

it("counts a request when it has been handled, so that what it brings is saved or yet to be", async () => {
  const { ask, service } = await serving();
  // As while something is followed, whose checkpoints are made with that.
  service.saveThrough(async () => ({}));
  const before = service.progress;
  let during = "";
  const predictAll = service.predictAll.bind(service);
  service.predictAll = async (...given) => {
    const predicted = await predictAll(...given);
    during = service.progress;
    return predicted;
  };
  await ask("/predict", { x: sampleAt(1) });
  expect(during).toBe(before);
  expect(service.progress).not.toBe(before);
  // Each line of a stream counts by itself, and a look never.
  const one = service.progress;
  const line = JSON.stringify({ x: sampleAt(1) });
  await ask("/predict", `${line}\n${line}\n`, { type: "application/x-ndjson" });
  expect(Number(service.progress)).toBeGreaterThanOrEqual(Number(one) + 2);
  const looked = service.progress;
  await ask("/metrics");
  expect(service.progress).toBe(looked);
});
