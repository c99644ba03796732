import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NewCells } from "../../src/memory/cells.js";
import { WeightVersions } from "../../src/weights/versions.js";

const slots = (count: number) => Array.from({ length: count }, () => new Float32Array(1));

/** Writes the new version's number into its only parameter, as an update would its weights. */
function update(versions: WeightVersions): boolean {
  const slot = versions.reserve();
  if (slot < 0) return false;
  versions.at(slot)[0] = versions.version + 1;
  versions.publish(slot);
  return true;
}

describe("weight versions", () => {
  it("updates in place where nobody reads the newest version", () => {
    const versions = new WeightVersions(slots(1), new NewCells());
    expect(update(versions)).toBe(true);
    expect(versions.version).toBe(1);
    expect(versions.mostHeld).toBe(1);
  });

  it("keeps what a reader holds and gives its slot back afterwards", () => {
    const versions = new WeightVersions(slots(2), new NewCells());
    const held = versions.acquire();
    update(versions);
    expect(versions.at(held)[0]).toBe(0);
    expect(versions.newest[0]).toBe(1);
    const second = versions.acquire();
    expect(update(versions)).toBe(false);
    versions.release(held);
    expect(update(versions)).toBe(true);
    expect(versions.at(second)[0]).toBe(1);
    expect(versions.newest[0]).toBe(2);
  });

  it("is closed to new readers while an update waits for those who read", () => {
    const versions = new WeightVersions(slots(1), new NewCells());
    const held = versions.acquire();
    expect([update(versions), versions.readable]).toEqual([false, true]);
    versions.close();
    expect(versions.readable).toBe(false);
    versions.release(held);
    expect([update(versions), versions.readable, versions.version]).toEqual([true, true, 1]);
  });

  it("agrees with a plain model of versions and readers on random histories", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.oneof(fc.constant("read"), fc.constant("update"), fc.nat(9)), {
          maxLength: 60,
        }),
        (count, steps) => {
          const versions = new WeightVersions(slots(count), new NewCells());
          const readers: { slot: number; version: number }[] = [];
          let newest = 0;
          for (const step of steps) {
            if (step === "read") {
              readers.push({ slot: versions.acquire(), version: newest });
            } else if (step === "update") {
              const held = new Set([...readers.map(({ version }) => version), newest]);
              const inPlace = !readers.some(({ version }) => version === newest);
              const possible = inPlace || held.size < count;
              expect(update(versions)).toBe(possible);
              if (possible) newest++;
            } else if (readers.length > 0) {
              const [reader] = readers.splice(step % readers.length, 1);
              versions.release(reader!.slot);
            }
            expect(versions.version).toBe(newest);
            for (const { slot, version } of readers) {
              expect(versions.at(slot)[0]).toBe(version);
              const expected = [
                ...new Set([...readers.map((reader) => reader.version), newest]),
              ].filter((other) => other >= version);
              expect(versions.chain(slot).map((parameters) => parameters[0])).toEqual(
                expected.sort((a, b) => a - b),
              );
            }
          }
        },
      ),
    );
  });
});
