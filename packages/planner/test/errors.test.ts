import { describe, expect, it } from "vitest";
import { BudgetError, InputError, lesserRefusal } from "../src/errors.js";

describe("two refusals of one budget", () => {
  const refusal = (least: number) => new BudgetError(least, `Expected at least ${least}`);

  it("come down to the one that asks for less, in whosever words", () => {
    const [small, large] = [refusal(5), refusal(7)];
    expect([lesserRefusal(small, large), lesserRefusal(large, small)]).toEqual([small, small]);
    const told = new InputError("in other words", { cause: small });
    expect(lesserRefusal(large, told)).toBe(told);
    const other = new InputError("about something else");
    expect([lesserRefusal(other, large), lesserRefusal(large, other)]).toEqual([large, large]);
    expect(lesserRefusal(other, new InputError("and another"))).toBe(other);
  });
});
