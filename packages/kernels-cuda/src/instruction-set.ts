import { InputError } from "@ferret-ocl/compensation";

/** Instruction sets that there are portable binaries for, by processor, best first. */
const portableSets: Readonly<Record<string, readonly string[]>> = {
  x64: ["avx512", "avx2", "sse41"],
  arm64: ["neon"],
};

/** The user's choice of an instruction set. */
const variable = "FERRET_ISA";

/**
 * The instruction set that the user asks for by `FERRET_ISA`, or null.
 * @throws InputError if this processor has none of that name.
 */
export function wantedInstructionSet(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  architecture: string = process.arch,
): string | null {
  const wanted = environment[variable];
  if (wanted === undefined || wanted === "") return null;
  const names = portableSets[architecture] ?? [];
  if (names.includes(wanted)) return wanted;
  throw new InputError(
    names.length === 0
      ? `Expected no ${variable} on ${architecture}, which has a single set of kernels, but received ${wanted}`
      : `Expected ${names.join(", ")} or nothing for ${variable} but received ${wanted}`,
  );
}

/**
 * The instruction set to run: the one asked for, or the best of this machine; null if it has none of
 * them.
 * @param supported what the machine has, best first
 * @throws InputError if the machine lacks the one asked for.
 */
export function chooseInstructionSet(
  wanted: string | null,
  supported: readonly string[],
): string | null {
  if (wanted === null) return supported[0] ?? null;
  if (supported.includes(wanted)) return wanted;
  const there = supported.length > 0 ? supported.join(", ") : "none of them";
  throw new InputError(
    `Expected an instruction set of this machine (${there}) for ${variable} but received ${wanted}`,
  );
}

/** Says that a binary is for another instruction set than the one wanted. */
export function otherSet(wanted: string, found: string): string {
  return `Expected kernels for ${wanted} but these are for ${found}`;
}
