import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { DataState } from "../../src/datasets/at-hand.js";
import { dataFingerprint } from "../../src/suite/at-hand.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The fingerprint of a folder that holds these files. */
function printOf(files: Readonly<Record<string, string>>, isAtHand = true): string {
  const folder = mkdtempSync(join(tmpdir(), "ferret-data-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return dataFingerprint({ folder, isAtHand } as DataState);
}

it("tells files apart by name, size and ends, below the folder too, and not by where they are", () => {
  const long = `${"a".repeat(20_000)}b`;
  const files = { "train/one/1.png": "red", "train/two/1.png": "blue", long };
  const print = printOf(files);
  expect(printOf(files)).toBe(print);
  const others = [
    { ...files, "train/one/1.png": "tan" },
    { ...files, "train/one/1.png": "reds" },
    { ...files, "train/one/2.png": "red" },
    { ...files, long: `b${long.slice(1)}` },
    { ...files, long: `${long.slice(0, -1)}c` },
  ];
  const prints = [print, ...others.map((other) => printOf(other))];
  expect(new Set(prints).size).toBe(prints.length);
  expect(printOf({})).toBe("");
  expect(printOf(files, false)).toBe("");
});
