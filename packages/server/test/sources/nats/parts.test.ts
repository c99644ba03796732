import fc from "fast-check";
import { expect, it } from "vitest";
import {
  decodeMessage,
  type EncodedMessage,
  encodeMessage,
} from "../../../src/sources/nats/message-format.js";
import { PartAssembler, splitMessage } from "../../../src/sources/nats/parts.js";

const headerOf = (message: EncodedMessage) => (name: string) => message.headers[name];

it("takes what it has encoded, to the bit", () => {
  const values = fc.oneof(
    fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }),
    fc.uint8Array({ minLength: 1 }),
    fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
  );
  const labels = fc.option(fc.array(fc.nat(1_000), { minLength: 1 }), { nil: undefined });
  // Header lines have no ends of lines.
  const ids = fc.option(fc.stringMatching(/^[\w-]{1,20}$/), { nil: undefined });
  fc.assert(
    fc.property(values, labels, ids, (x, y, id) => {
      const item = { x, ...(y && { y }), ...(id !== undefined && { id }) };
      const message = encodeMessage(item);
      const found = decodeMessage(headerOf(message), message.data);
      const expected = x instanceof Uint8Array ? Float32Array.from(x, (value) => value / 255) : x;
      // JSON has no -0.
      const plain = (given: ArrayLike<number>) => Array.from(given, (value) => value + 0);
      expect(plain(found.x as Float32Array)).toEqual(plain(expected));
      expect(found.y && Array.from(found.y as Int32Array)).toEqual(y);
      expect(found.id).toBe(id);
    }),
    { seed: 1, numRuns: 300 },
  );
});

/** A message of random bytes, in parts of at most so many bytes. */
const messages = fc.array(
  fc.record({ data: fc.uint8Array({ maxLength: 400 }), room: fc.integer({ min: 1, max: 200 }) }),
  { minLength: 1, maxLength: 8 },
);

interface Sent {
  readonly batch: number;
  readonly part: EncodedMessage;
}

/** What comes of parts in an order, and at which sequence. */
function assemble(sent: readonly Sent[], assembler = new PartAssembler(), from = 0) {
  const found: { readonly sequence: number; readonly data: string }[] = [];
  const opens: ReturnType<() => typeof assembler.open>[] = [];
  for (const [sequence, { part }] of sent.entries()) {
    if (sequence < from) continue;
    const { data, faults } = assembler.add(headerOf(part), part.data, sequence, 0);
    expect(faults).toEqual([]);
    if (data) found.push({ sequence, data: Buffer.from(data).toString("hex") });
    opens[sequence] = assembler.open;
  }
  return { found, opens };
}

function split(given: readonly { readonly data: Uint8Array; readonly room: number }[]): Sent[] {
  return given.flatMap(({ data, room }, batch) => {
    // What headers take counts, too.
    const parts = splitMessage({ headers: {}, data }, `b${batch}`, 512 + 4 + room);
    for (const part of parts) expect(part.data.length).toBeLessThanOrEqual(room);
    return parts.map((part) => ({ batch, part }));
  });
}

it("puts parts together, whatever lies among them and comes twice", () => {
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.nat()), (given, random) => {
      const sent = split(given);
      const twice = sent.filter(() => random.next().value % 4 === 0);
      const lots = [...sent, ...twice].map((each) => [random.next().value, each] as const);
      const mixed = lots.sort(([a], [b]) => a - b).map(([, each]) => each);
      // What is a message by itself comes as often as it was sent.
      const single = new Set(
        given.flatMap((_, batch) => (countOf(sent, batch) === 1 ? [batch] : [])),
      );
      const assembled = assemble(
        mixed.filter(({ batch }, at) => isFirst(mixed, at) || single.has(batch)),
      );
      const wholes = given.filter((_, batch) => !single.has(batch)).map(hexOf);
      const repeated = mixed
        .filter(({ batch }) => single.has(batch))
        .map(({ batch }) => hexOf(given[batch]!));
      expect(assembled.found.map(({ data }) => data).sort()).toEqual(
        [...wholes, ...repeated].sort(),
      );
      // Second copies of parts that still wait change nothing.
      const known = assemble(mixed).found.map(({ data }) => data);
      for (const whole of wholes) expect(known).toContain(whole);
    }),
    { seed: 1, numRuns: 200 },
  );
});

const hexOf = ({ data }: { readonly data: Uint8Array }) => Buffer.from(data).toString("hex");
const countOf = (sent: readonly Sent[], batch: number) =>
  sent.filter((each) => each.batch === batch).length;
const isFirst = (sent: readonly Sent[], at: number) =>
  sent.findIndex(({ part }) => part === sent[at]!.part) === at;

it("goes on at any place with what is told there, and gives the rest, once", () => {
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.nat()), (given, random) => {
      const sent = split(given)
        .map((each) => [random.next().value, each] as const)
        .sort(([a], [b]) => a - b)
        .map(([, each]) => each);
      const { found, opens } = assemble(sent);
      for (const [place, open] of opens.entries()) {
        const assembler = new PartAssembler();
        const first = Math.min(place + 1, ...Object.values(open ?? {}));
        for (let sequence = first; sequence <= place; sequence++) {
          const { part } = sent[sequence]!;
          const known = assembler.add(headerOf(part), part.data, sequence, 0, open ?? {});
          // It was taken in before.
          if (part.headers["Ferret-Batch"]) expect(known.data).toBeUndefined();
        }
        expect(assembler.open).toEqual(open);
        const rest = assemble(sent, assembler, place + 1);
        expect(rest.found).toEqual(found.filter(({ sequence }) => sequence > place));
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

it("gives up what is not whole after ten minutes by the server's clock, and says so", () => {
  const assembler = new PartAssembler();
  const parts = splitMessage({ headers: {}, data: new Uint8Array(30) }, "late", 512 + 8 + 10);
  expect(parts).toHaveLength(3);
  const add = (part: EncodedMessage, sequence: number, time: number) =>
    assembler.add(headerOf(part), part.data, sequence, time);
  expect(add(parts[0]!, 1, 0)).toEqual({ faults: [] });
  expect(add(parts[2]!, 2, 600_000)).toEqual({ faults: [] });
  expect(assembler.open).toEqual({ late: 1 });
  const single = { headers: {}, data: new Uint8Array(1) };
  expect(add(single, 3, 600_001)).toEqual({
    data: single.data,
    faults: ["Expected 3 parts of message late but 2 had come after 600 s"],
  });
  expect(assembler.open).toBeUndefined();
});

it("holds no more than 256 MiB of parts: the oldest leave", () => {
  const assembler = new PartAssembler();
  const data = new Uint8Array(2 ** 26);
  const of = (batch: string) => (name: string) =>
    ({ "Ferret-Batch": batch, "Ferret-Part": "0", "Ferret-Parts": "2" })[name];
  for (let k = 1; k <= 4; k++) expect(assembler.add(of(`${k}`), data, k, 0).faults).toEqual([]);
  expect(assembler.add(of("5"), data, 5, 0).faults).toEqual([
    "Expected 2 parts of message 1 but 1 had come when more than 268435456 bytes waited",
  ]);
  expect(assembler.open).toEqual({ 2: 2, 3: 3, 4: 4, 5: 5 });
});
