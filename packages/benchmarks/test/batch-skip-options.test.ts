import { describe, expect, it } from "vitest";
import { readSetting } from "../src/commands/options.js";

/** What commander hands on where nothing is asked for. */
const usual = {
  dataset: "glyphs",
  model: "mlp",
  algorithm: "vanilla",
  compensation: "auto",
  batch: "16",
  lr: "0.05",
  order: "iid",
  labelDelay: "0",
  seed: "0",
  method: "last-n",
};
const sizes = (given: object) => readSetting({ ...usual, ...given }).batchSkip;

describe("sizes of a batch skip", () => {
  it("are the method's own, or what is asked, with no more at once than wait", () => {
    expect(sizes({})).toBeUndefined();
    expect(sizes({ waiting: "9" })).toEqual({ waiting: 9, atOnce: 4 });
    expect(sizes({ waiting: "2" })).toEqual({ waiting: 2, atOnce: 2 });
    expect(sizes({ atOnce: "1" })).toEqual({ waiting: 8, atOnce: 1 });
    expect(sizes({ waiting: "3", atOnce: "3" })).toEqual({ waiting: 3, atOnce: 3 });
    expect(() => sizes({ waiting: "2", atOnce: "3" })).toThrow(
      "Expected at most as many items for --at-once as wait, 2, but received 3; ask for fewer",
    );
  });
});
