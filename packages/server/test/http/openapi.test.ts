import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { learner, regressor, type Serving, sampleAt, serving } from "./serving.js";

interface Operation {
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<
    string,
    { readonly content: Record<string, { readonly schema: object }> }
  >;
}

const ajv = new Ajv2020({ strict: false, formats: { binary: true } });
const binary = "application/octet-stream";
const ndjson = "application/x-ndjson";

/** What a request is, and which of the documented answers it is to bring about. */
interface Example {
  readonly route: string;
  readonly status: number;
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

const x = sampleAt(1);
const token = "secret";
const bearer = { authorization: `Bearer ${token}` };

/** Every answer that the document tells of, but those of a service that ends or is overrun. */
function examplesOf(y: unknown): Example[] {
  const lines = (...all: unknown[]) => all.map((each) => JSON.stringify(each)).join("\n");
  const raw = Float32Array.from([...x, ...x]);
  const flat = [y, y].flat();
  const wrong = { body: { a: 1 }, status: 400 };
  const posts = ["/predict", "/label", "/learn", "/plan"];
  const all: Example[] = [
    { route: "/predict", status: 200, body: { x } },
    {
      route: "/predict",
      status: 200,
      body: [
        { x, id: "one" },
        { x, id: "two" },
      ],
    },
    { route: "/predict", status: 200, body: raw, type: binary },
    { route: "/predict", status: 200, body: lines({ x, id: "three" }, { x: [] }), type: ndjson },
    { route: "/predict", status: 409, body: { x, id: "one" } },
    { route: "/label", status: 200, body: { id: "one", label: y } },
    { route: "/label", status: 200, body: [{ id: "two", label: y }] },
    { route: "/label", status: 200, body: lines({ id: "three", label: y }, {}), type: ndjson },
    { route: "/label", status: 404, body: { id: "one", label: y } },
    { route: "/learn", status: 200, body: { x, y } },
    { route: "/learn", status: 200, body: [{ x, y }] },
    { route: `/learn?y=${flat}`, status: 200, body: raw, type: binary },
    { route: "/learn", status: 200, body: lines({ x, y }, { x }), type: ndjson },
    { route: "/plan", status: 200, body: { memoryBudget: "8MiB" } },
    { route: "/plan", status: 200, body: { memoryBudget: null, arrivalInterval: 2 } },
    { route: "/metrics", status: 200 },
    { route: "/healthz", status: 200 },
    { route: "/readyz", status: 200 },
    { route: "/openapi.json", status: 200 },
    { route: "/", status: 200 },
    { route: "/page.js", status: 200 },
    { route: "/page.css", status: 200 },
    { route: "/events", status: 401, headers: {} },
    { route: "/metrics", status: 401, headers: {} },
    { route: "/openapi.json", status: 401, headers: { authorization: "Bearer other" } },
  ];
  for (const route of posts) {
    all.push({ route, ...wrong });
    all.push({ route, status: 401, body: { x }, headers: {} });
    all.push({ route, status: 413, body: { x: new Array(3000).fill(1) } });
    all.push({ route, status: 415, body: "x", type: "text/plain" });
  }
  return all;
}

async function readDocument({ ask }: Serving): Promise<Record<string, Record<string, Operation>>> {
  const { status, json } = await ask("/openapi.json", undefined, { headers: bearer });
  expect(status).toBe(200);
  expect(json.openapi).toMatch(/^3\.1\./);
  expect(json.components.securitySchemes).toEqual({ token: { type: "http", scheme: "bearer" } });
  return json.paths;
}

const operationOf = (paths: Record<string, Record<string, Operation>>, { route, body }: Example) =>
  paths[route.split("?")[0] as string]?.[body === undefined ? "get" : "post"] as Operation;

describe.each([
  ["classes", learner, 2],
  ["values", regressor, [1, 0.5, -2]],
])("the document of a service of %s", (_, options, y) => {
  it("tells of every answer, as it is given", async () => {
    const made = await serving({ learner: options }, { token, bodyLimit: 4096 });
    const paths = await readDocument(made);
    const told = new Set<string>();
    for (const example of examplesOf(y)) {
      const { route, status, body, type, headers = bearer } = example;
      const answer = await made.ask(route, body, { ...(type && { type }), headers });
      const what = `${route} ${type ?? ""} ${JSON.stringify(body)?.slice(0, 60)}: ${answer.text.slice(0, 200)}`;
      expect([what, answer.status]).toEqual([what, status]);
      const operation = operationOf(paths, example);
      const media = answer.headers.get("content-type")?.split(";")[0] as string;
      const schema = operation.responses[status]?.content[media]?.schema;
      expect(schema, `${what} has a schema for ${status} ${media}`).toBeDefined();
      const parts =
        media === ndjson
          ? answer.text
              .trim()
              .split("\n")
              .map((line) => JSON.parse(line))
          : [answer.json ?? answer.text];
      for (const part of parts)
        expect(ajv.validate(schema as object, part), `${what}: ${ajv.errorsText()}`).toBe(true);
      told.add(`${operation === undefined ? "" : route.split("?")[0]} ${status}`);
    }
    const leave = new AbortController();
    const events = await fetch(`${made.server.url}/events`, {
      headers: bearer,
      signal: leave.signal,
    });
    const { content } = paths["/events"]?.get?.responses[200] ?? expect.fail();
    expect(Object.keys(content)).toEqual([events.headers.get("content-type")?.split(";")[0]]);
    told.add(`/events ${events.status}`);
    leave.abort();
    // 408, 421, 429 and 503 are in limits.test.ts and drain.test.ts.
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap(({ responses }) =>
        Object.keys(responses).map((status) => `${path} ${status}`),
      ),
    );
    const others = documented.filter((each) => !/ (408|421|429|503)$/.test(each));
    expect([...told].sort()).toEqual(others.sort());
  });

  it("takes the bodies that the service takes, and no others", async () => {
    const made = await serving({ learner: options }, { token });
    const paths = await readDocument(made);
    await made.ask(
      "/predict",
      [
        { x, id: "a" },
        { x, id: "b" },
      ],
      { headers: bearer },
    );
    const taken: [route: string, body: unknown][] = [
      ["/predict", { x }],
      ["/predict", [{ x }]],
      ["/label", { id: "a", label: y }],
      ["/label", [{ id: "b", label: y }]],
      ["/learn", { x, y }],
      [
        "/learn",
        [
          { x, y },
          { x, y },
        ],
      ],
      ["/plan", {}],
      ["/plan", { memoryBudget: "4MiB" }],
    ];
    const refused: [route: string, body: unknown][] = [
      ["/predict", {}],
      ["/predict", []],
      ["/predict", { x, more: 1 }],
      ["/predict", { x, id: "" }],
      ["/predict", { x: "1,2" }],
      ["/label", { id: 1, label: y }],
      ["/label", { id: "a" }],
      ["/label", { id: "a", label: "two" }],
      ["/learn", { x }],
      ["/learn", [{ x, y: null }]],
      ["/plan", { memoryBudget: [] }],
      ["/plan", { arrivalInterval: -1 }],
      ["/plan", { interval: 1 }],
    ];
    for (const [route, body, is] of [
      ...taken.map((each) => [...each, true] as const),
      ...refused.map((each) => [...each, false] as const),
    ]) {
      const what = `${route} ${JSON.stringify(body)}`;
      const operation = operationOf(paths, { route, body, status: 200 });
      const schema = operation.requestBody?.content["application/json"]?.schema as object;
      expect([what, ajv.validate(schema, body)]).toEqual([what, is]);
      const { status, text } = await made.ask(route, body, { headers: bearer });
      expect([what, text, status]).toEqual([what, text, is ? 200 : 400]);
    }
  });
});
