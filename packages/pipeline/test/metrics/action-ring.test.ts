import { describe, expect, it } from "vitest";
import { NewCells } from "../../src/memory/cells.js";
import { ActionRing, ringCapacity } from "../../src/metrics/action-ring.js";

const add = (ring: ActionRing, item: number) => ring.add("F", item, 1, 2, 1e6 * item, 2e6 * item);
const items = (ring: ActionRing) => ring.actions(0).map(({ item }) => item);
const upTo = (from: number, end: number) => Array.from({ length: end - from }, (_, k) => from + k);

describe("the ring of actions", () => {
  it("notes nothing before it is begun", () => {
    const ring = new ActionRing(new NewCells());
    add(ring, 0);
    expect(ring.actions(0)).toEqual([]);
    ring.begin();
    expect(ring.actions(0)).toEqual([]);
    add(ring, 3);
    ring.add("P", 4, -1, -1, 5e6, 6e6);
    expect(ring.actions(1e6)).toEqual([
      { kind: "F", item: 3, worker: 1, stage: 2, start: 2, end: 5 },
      { kind: "P", item: 4, worker: -1, stage: -1, start: 4, end: 5 },
    ]);
  });

  it("keeps the newest, in the order in which they came, and takes no more memory for that", () => {
    const cells = new NewCells();
    const ring = new ActionRing(cells);
    ring.begin();
    for (let item = 0; item < 3000; item++) {
      add(ring, item);
      if (item % 700 === 0)
        expect(items(ring)).toEqual(upTo(Math.max(0, item + 1 - ringCapacity), item + 1));
    }
    expect(items(ring)).toEqual(upTo(3000 - ringCapacity, 3000));
    const bytes = cells.buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(bytes).toBe(8 + 2 * ringCapacity * (3 * 4 + 3 * 8));
  });

  it("goes on where its count comes round", () => {
    for (const start of [2 ** 31 - 5, -5]) {
      const cells = new NewCells();
      const ring = new ActionRing(cells);
      new Int32Array(cells.buffers[0] as SharedArrayBuffer)[1] = start;
      ring.begin();
      for (let item = 0; item < 9; item++) add(ring, item);
      expect(items(ring)).toEqual(upTo(0, 9));
    }
  });

  it("goes on with what another one has noted", () => {
    const [before, after] = [new ActionRing(new NewCells()), new ActionRing(new NewCells())];
    before.begin();
    for (let item = 0; item < 5; item++) add(before, item);
    after.goOn(before);
    add(after, 5);
    expect(items(after)).toEqual(upTo(0, 6));
    expect(items(before)).toEqual(upTo(0, 5));
  });
});
