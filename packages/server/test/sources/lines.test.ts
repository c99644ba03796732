import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type CsvOptions,
  type LinePosition,
  type LineSourceOptions,
  lineSource,
  type SourceMessage,
} from "../../src/index.js";
import { splitLines } from "../../src/sources/split-lines.js";

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function readAll(
  text: string | Uint8Array,
  options: LineSourceOptions = {},
  after?: LinePosition,
) {
  const input = piecesOf(Buffer.from(text), 7);
  const messages: SourceMessage<LinePosition>[] = [];
  for await (const message of lineSource({ ...options, input }).read(
    after,
    new AbortController().signal,
  ))
    messages.push(message);
  return messages;
}

const csv = (text: string, options?: CsvOptions) =>
  readAll(text, { format: "csv", ...(options && { csv: options }) });

it("gives the lines of any text, however it comes in pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "))),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      async (lines, size, ends) => {
        const text = lines.join("\n") + (ends ? "\n" : "");
        const found: string[] = [];
        for await (const line of splitLines(piecesOf(Buffer.from(text), size)))
          found.push(Buffer.from(line!).toString());
        const expected = text.split("\n");
        if (expected.at(-1) === "") expected.pop();
        expect(found).toEqual(expected);
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

it("does not keep a line that is too long", async () => {
  async function* long() {
    yield "before\n";
    for (let k = 0; k < 40; k++) yield "x".repeat(2 ** 19);
    yield "\nbehind";
  }
  const lines: (string | null)[] = [];
  for await (const line of splitLines(long())) lines.push(line && Buffer.from(line).toString());
  expect(lines).toEqual(["before", null, "behind"]);
});

it("reads items, labels and faults from lines of JSON", async () => {
  const messages = await readAll(
    '{"x": [1, 2], "y": 1}\n\n{"x": [3, 4]}\n{"id": 3, "y": 0}\r\n{"id": "a", "x": [[5], [6]]}\nno JSON\n[1]\n{"x": [1], "label": 1}',
  );
  expect(messages.map(({ position, ...rest }) => [position?.line, rest])).toEqual([
    [1, { x: [1, 2], y: 1, id: "1" }],
    [3, { x: [3, 4], id: "3" }],
    [4, { y: 0, id: "3" }],
    [5, { x: [[5], [6]], id: "a" }],
    [6, { fault: 'Expected JSON but received "no JSON"' }],
    [7, { fault: "Expected an object with x, y and id but received [1]" }],
    [8, { fault: 'Expected the fields x, y and id but the message has "label"' }],
  ]);
});

it("names a line that is no UTF-8", async () => {
  const [message] = await readAll(new Uint8Array([0xff, 0xfe, 0x0a]));
  expect(message?.fault).toBe("Expected text in UTF-8 but found other bytes");
});

it.each<[string, CsvOptions | undefined, object[]]>([
  [
    "1,2.5,0\n-3,4e1,1\n",
    undefined,
    [
      { x: [1, 2.5], y: 0 },
      { x: [-3, 40], y: 1 },
    ],
  ],
  [
    'a, "b b" ,class\n"1",2,1\n3,4,\n',
    { header: true, label: "class" },
    [{ x: [1, 2], y: 1 }, { x: [3, 4] }],
  ],
  ["1;k1;2;3\n", { label: 1, id: 2, delimiter: ";" }, [{ x: [2, 3], y: 1, id: "k1" }]],
  ["1,2\n", { label: null }, [{ x: [1, 2] }]],
  ["1,word,0\n", undefined, [{ fault: 'Expected a number in column 2 but found "word"' }]],
  ["1,,0\n", undefined, [{ fault: 'Expected a number in column 2 but found ""' }]],
  ["1,2,cat\n", undefined, [{ fault: 'Expected a class as a number in column 3 but found "cat"' }]],
  ['1,"2,0\n', undefined, [{ fault: "Expected whole fields but a quotation mark is left open" }]],
  [
    "a,b\n1,2,3\n",
    { header: true },
    [{ fault: "Expected 2 fields, as the first line has, but found 3" }],
  ],
])("reads %j as CSV", async (text, options, expected) => {
  const found = (await csv(text, options)).map(({ position, x, id, ...rest }) => ({
    ...rest,
    ...(x && { x: Array.from(x as Float32Array) }),
    ...(options?.id !== undefined && { id }),
  }));
  expect(found.map((each) => JSON.parse(JSON.stringify(each)))).toEqual(expected);
});

it.each<[CsvOptions, string]>([
  [{ label: "class" }, "since no line names the columns"],
  [{ label: 0 }, "a column's name or its number from 1"],
  [{ delimiter: ", " }, "one character"],
])("refuses options %j", (options, sentence) => {
  expect(() => lineSource({ format: "csv", csv: options })).toThrow(sentence);
});

it("names a column that the first line does not have", async () => {
  await expect(csv("a,b\n1,2\n", { header: true, label: "class" })).rejects.toThrow(
    "Expected one of the columns a, b for a column",
  );
});

const text = "p,q,class\n1,2,0\n\n3,4,1\n5,6,0\n";
const named: LineSourceOptions = { format: "csv", csv: { header: true, label: "class" } };

it("skips what was taken in, and sees when another text comes in its place", async () => {
  const all = await readAll(text, named);
  expect(all.map(({ position }) => position?.line)).toEqual([2, 4, 5]);
  for (const [at, { position }] of all.entries())
    expect(await readAll(text, named, position)).toEqual(all.slice(at + 1));
  const last = all.at(-1)!.position;
  await expect(readAll(text.replace("1,2", "1,9"), named, last)).rejects.toThrow(
    "Expected the same first 5 lines of stdin as when the checkpoint was written",
  );
  await expect(readAll(text.slice(0, 20), named, last)).rejects.toThrow(
    "Expected at least 5 lines of stdin, as the checkpoint says, but it ended after 4",
  );
});

it("ends when it is told to, though nothing more comes", async () => {
  const input = new PassThrough();
  input.write('{"x": [1]}\n');
  const stopping = new AbortController();
  const messages = lineSource({ input }).read(undefined, stopping.signal);
  const iterator = messages[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toMatchObject({ x: [1] });
  const next = iterator.next();
  stopping.abort();
  expect((await next).done).toBe(true);
});

it("goes on with the next line of a pipe that lives on", async () => {
  const [, second] = await readAll("[0]\n[1]\n");
  const next = await readAll("[2]\n[3]\n", { afterRestart: "next" }, second?.position);
  expect(next.map(({ position }) => position)).toEqual(
    (await readAll("[0]\n[1]\n[2]\n[3]\n")).slice(2).map(({ position }) => position),
  );
});
