import fc from "fast-check";
import { expect, it } from "vitest";
import { sampleAt, serving } from "./serving.js";

const routes = fc.constantFrom("/predict", "/label", "/learn", "/learn?y=1", "/learn?y=x", "/plan");
const types = fc.constantFrom(
  "application/json",
  "application/octet-stream",
  "application/octet-stream; dtype=uint8",
  "application/octet-stream; dtype=",
  "application/x-ndjson",
);
const x = fc.oneof(
  fc.constant(sampleAt(1)),
  fc.constant([sampleAt(1).slice(2), sampleAt(1).slice(2)]),
  fc.jsonValue(),
);
const value = fc.oneof(
  fc.record({ x, id: fc.constantFrom("a", "b", 1, "") }),
  fc.record({ x, y: fc.oneof(fc.constantFrom(0, 1, 3, 0.5, "1"), fc.jsonValue()) }),
  fc.record({ id: fc.constantFrom("a", "b", "__proto__"), label: fc.constantFrom(0, 2, -1, null) }),
  fc.jsonValue(),
);
const bodies = fc.oneof(
  value.map((one) => JSON.stringify(one)),
  fc.array(value, { maxLength: 3 }).map((many) => JSON.stringify(many)),
  fc
    .array(value, { maxLength: 3 })
    .map((many) => many.map((one) => JSON.stringify(one)).join("\n")),
  fc.uint8Array({ maxLength: 40 }),
  fc.constant("[".repeat(20_000)),
  fc.constant(`{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
  fc.constant('{"__proto__":{"x":1}}'),
);

it("whatever comes is answered, with a sentence where it is refused, which changes nothing", async () => {
  const failures: unknown[] = [];
  const { ask, service } = await serving({}, { onFailure: (error) => failures.push(error) });
  let learned = 0;
  await fc.assert(
    fc.asyncProperty(routes, types, bodies, async (route, type, body) => {
      const before = service.learner.parameters();
      const { status, text, json } = await ask(route, body, { type });
      expect(failures).toEqual([]);
      expect([200, 400, 404, 409, 415]).toContain(status);
      const isLines = type === "application/x-ndjson" && status === 200;
      const parts = isLines
        ? text
            .split("\n")
            .filter(Boolean)
            .map((line) => JSON.parse(line))
        : [json];
      for (const part of parts) {
        if (part.error !== undefined) expect(part.error).toMatch(/^Expected [^\n]+$/);
        learned += part.learned ?? 0;
      }
      if (parts.every(({ learned = 0 }) => learned === 0))
        expect(service.learner.parameters()).toEqual(before);
    }),
    {
      numRuns: 400,
      examples: [["/learn", "application/json", JSON.stringify({ x: sampleAt(1), y: 1 })]],
    },
  );
  expect(learned).toBeGreaterThan(0);
  // One item each at most.
  expect(service.learner.metrics().items).toBeLessThanOrEqual(learned);
});
