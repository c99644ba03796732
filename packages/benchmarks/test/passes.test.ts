// A stream never repeats by itself, and a record tells how often its samples came.
import { beforeAll, describe, expect, it } from "vitest";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { Random } from "../src/random.js";
import { describeSetting, remarks } from "../src/report/words.js";
import { inputErrorOf, workplace } from "./datasets-encode.js";
import { shortRun } from "./runs.js";
import { record, setting } from "./samples.js";

const { write } = workplace();

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

/** 150 rows of noise with labels that are noise too; 120 of them are for training. */
function noise(): string {
  const random = new Random(7);
  const rows = Array.from({ length: 150 }, () => {
    const features = Array.from({ length: 4 }, () => random.between(-1, 1).toFixed(3));
    return [...features, random.below(3)].join(",");
  });
  return write("noise.csv", rows.join("\n"));
}

describe("a run over few samples", () => {
  const usual = { items: null, mostItems: 1_000, batch: 16, method: "oracle" } as const;

  it("ends after one pass, and says that each sample came once", async () => {
    const made = await shortRun(setting({ dataset: noise(), ...usual }), machinery);
    expect(made.items).toBe(7);
    expect(made.exposure).toEqual({ samples: 120, seen: 112, least: 1, most: 1 });
    expect(describeSetting([made])).toContain("112 of 120 samples, each seen once");
  });

  it("goes over them again where that is asked for, and says that", async () => {
    const asked = setting({ dataset: noise(), ...usual, mostItems: null, passes: 4 });
    const made = await shortRun(asked, machinery);
    expect(made.items).toBe(30);
    expect(made.exposure).toEqual({ samples: 120, seen: 120, least: 4, most: 4 });
    expect(describeSetting([made])).toContain("120 of 120 samples, each seen 4 times");
    expect(remarks(made, asked)).toContain(
      "Oracle met its 120 samples up to 4 times; its online accuracy also counts samples that " +
        "it had already learned",
    );
  });

  it("refuses more items than that", async () => {
    const asked = setting({ dataset: noise(), ...usual, items: 1_000 });
    expect(await inputErrorOf(shortRun(asked, machinery))).toMatch(
      /at most 7 for --items, the items of \d+ that one pass over 120 samples can fill, .* --passes 134$/,
    );
    const enough = setting({ dataset: noise(), ...usual, items: 1_000, passes: 133 });
    expect(await inputErrorOf(shortRun(enough, machinery))).toMatch(/at most 997 .* --passes 134$/);
  });
});

describe("what would only happen beyond the end of the stream", () => {
  it.each([
    [{ labelDelay: 40 }, /fewer than 40, the items of the stream, for --label-delay/],
    [
      { changes: [{ at: 40, computeUnits: 1 }] },
      /before the stream's end for --change but received 40/,
    ],
  ])("is refused: %o", async (change, message) => {
    expect(await inputErrorOf(shortRun(setting(change), machinery))).toMatch(message);
  });

  it("may come with the last item", async () => {
    const { learned } = await shortRun(setting({ labelDelay: 39, method: "oracle" }), machinery);
    expect(learned).toBe(1);
  });
});

describe("a record that does not tell how often samples came", () => {
  it("has no words for it", () => {
    const old = record({ exposure: null });
    expect(describeSetting([old])).not.toContain("seen");
    expect(remarks(old, { compensation: "iter-fisher" })).toEqual([]);
  });
});
