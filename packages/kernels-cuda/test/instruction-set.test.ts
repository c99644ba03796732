import { InputError } from "@ferret-ocl/compensation";
import { expect, it } from "vitest";
import { chooseInstructionSet, wantedInstructionSet } from "../src/instruction-set.js";

it("FERRET_ISA is honoured or refused by name", () => {
  const wanted = (word: string | undefined, architecture = "x64") =>
    wantedInstructionSet({ FERRET_ISA: word }, architecture);
  expect(wanted(undefined)).toBeNull();
  expect(wanted("")).toBeNull();
  expect(wanted("avx2")).toBe("avx2");
  expect(wanted("neon", "arm64")).toBe("neon");
  expect(() => wanted("avx3")).toThrow(
    new InputError("Expected avx512, avx2, sse41 or nothing for FERRET_ISA but received avx3"),
  );
  expect(() => wanted("avx2", "arm64")).toThrow(
    new InputError("Expected neon or nothing for FERRET_ISA but received avx2"),
  );
  expect(() => wanted("vx", "s390x")).toThrow(
    new InputError(
      "Expected no FERRET_ISA on s390x, which has a single set of kernels, but received vx",
    ),
  );
});

it("without a wish the best that the machine has runs", () => {
  expect(chooseInstructionSet(null, ["avx2", "sse41"])).toBe("avx2");
  expect(chooseInstructionSet("sse41", ["avx2", "sse41"])).toBe("sse41");
  expect(chooseInstructionSet(null, [])).toBeNull();
  expect(() => chooseInstructionSet("avx512", ["avx2", "sse41"])).toThrow(
    new InputError(
      "Expected an instruction set of this machine (avx2, sse41) for FERRET_ISA but received avx512",
    ),
  );
  expect(() => chooseInstructionSet("sse41", [])).toThrow(/this machine \(none of them\)/);
});
