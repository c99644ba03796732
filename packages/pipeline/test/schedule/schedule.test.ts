import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  actionKinds,
  formatAction,
  parseAction,
  type TimedAction,
} from "../../src/schedule/action.js";
import { render, renderDevices } from "../../src/schedule/render.js";
import { validate } from "../../src/schedule/validate.js";

/** `2F0 4-5` at half a word an action: kind, stage, item, start, end. */
function timed(...texts: string[]): TimedAction[] {
  return texts.map((text) => {
    const [action, start, end] = text.split(/[ -]/) as [string, string, string];
    return { ...parseAction(action), start: Number(start), end: Number(end) };
  });
}

const sound = timed("0F0 0-1", "1F0 1-2", "1B0 2-4", "0F1 1-2", "0B0 4-6", "1F1 4-5", "1B1 5-7");

describe("actions", () => {
  it("have a text form that parses back", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...actionKinds),
        fc.nat(),
        fc.nat(99),
        fc.nat(99),
        (kind, item, worker, stage) => {
          const action = { kind, item, worker, stage };
          expect(parseAction(formatAction(action))).toEqual(action);
        },
      ),
    );
    expect(formatAction({ kind: "F", item: 0, worker: 0, stage: 2 })).toBe("2F0");
  });

  it("refuse other texts", () => {
    for (const text of ["", "F0", "2X0", "2F", "2F0@", "2F0 "])
      expect(() => parseAction(text)).toThrow(/Expected an action such as "2F0"/);
  });
});

describe("render", () => {
  it("draws one row a device and one column a tick", () => {
    expect(render(sound, 1)).toBe(
      ["worker 0 stage 0 | F0 F1 .. .. B0 B0 ..", "worker 0 stage 1 | .. F0 B0 B0 F1 B1 B1"].join(
        "\n",
      ),
    );
  });

  it("puts the marked cell in brackets", () => {
    expect(render(sound, 1, { worker: 0, stage: 1, time: 4 })).toContain("B0 B0 [F1] B1");
  });
});

describe("renderDevices", () => {
  it("tells the stage where a device holds several", () => {
    const snake = timed("0F0 0-1", "1F0 1-2", "2F0 2-3", "3F0 3-4", "3B0 4-6", "2B0 6-8");
    const drawn = renderDevices(snake, 1, (stage) => [0, 1, 1, 0][stage] as number);
    expect(drawn.split("\n")).toEqual([
      "device 0 | 0F0 ..  ..  3F0 3B0 3B0 ..  ..",
      "device 1 | ..  1F0 2F0 ..  ..  ..  2B0 2B0",
    ]);
    expect(renderDevices(sound, 1, (stage) => 1 - stage)).toBe(
      ["device 0 | .. F0 B0 B0 F1 B1 B1", "device 1 | F0 F1 .. .. B0 B0 .."].join("\n"),
    );
  });
});

describe("validate", () => {
  it("accepts one forward, one backward", () => {
    expect(validate(sound, 2)).toEqual([]);
  });

  it.each([
    ["the device still runs", ["0F0 0-2", "0F1 1-3"]],
    ["forward pass of the stage before", ["0F0 0-2", "1F0 1-2"]],
    ["its forward pass has not ended", ["0F0 0-1", "1B0 0-1"]],
    ["gradient of the stage behind", ["0F0 0-1", "0B0 1-2"]],
    ["done twice", ["0F0 0-1", "0F0 1-2"]],
    ["3 items in flight", ["0F0 0-1", "0F1 1-2", "0F2 2-3"]],
  ])("finds: %s", (complaint, texts) => {
    const violations = validate(timed(...texts), 2);
    expect(violations.join("\n")).toContain(complaint);
    expect(violations.join("\n")).toMatch(/\[[FB]\d\]/);
  });
});
