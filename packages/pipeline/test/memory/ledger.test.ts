import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { NewCells } from "../../src/memory/cells.js";
import { Ledger } from "../../src/memory/ledger.js";
import { Pool } from "../../src/memory/pool.js";

describe("ledger", () => {
  it("counts whole lines of 64 bytes by category", () => {
    const ledger = new Ledger();
    ledger.floats("parameters", 1);
    ledger.bytes("scratch", 65);
    expect(ledger.held.byCategory).toMatchObject({ parameters: 64, scratch: 128, queue: 0 });
    expect(ledger.held.total).toBe(192);
  });

  it("takes a request that fills the budget to the byte and refuses one line more", () => {
    const ledger = new Ledger(128);
    ledger.bytes("activations", 128);
    expect(() => ledger.bytes("versions", 1)).toThrow(InputError);
    expect(() => ledger.bytes("versions", 1)).toThrow(/versions.*64 bytes are missing/);
    expect(ledger.held.total).toBe(128);
  });

  it("remembers the peak and what it was made of", () => {
    const ledger = new Ledger();
    const first = ledger.allocate("replay", 640);
    ledger.allocate("queue", 64);
    ledger.release("replay", first);
    ledger.allocate("queue", 64);
    expect(ledger.held.total).toBe(128);
    expect(ledger.peak.total).toBe(704);
    expect(ledger.peak.byCategory).toMatchObject({ replay: 640, queue: 64 });
  });
});

describe("pool", () => {
  it("hands every slot to one holder at a time", () => {
    const pool = new Pool(3, new NewCells(), () => ({}));
    const taken = new Set([pool.acquire(), pool.acquire(), pool.acquire()]);
    expect(taken.size).toBe(3);
    expect(pool.available).toBe(false);
    expect(() => pool.acquire()).toThrow(/exhausted/);
    pool.release(1);
    expect(pool.acquire()).toBe(1);
  });
});
