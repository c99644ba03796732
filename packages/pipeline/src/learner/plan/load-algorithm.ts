import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkRecord } from "../../check-options.js";
import { importPart } from "../../clock/threads/import-part.js";
import type { PartReference } from "../../clock/threads/part-reference.js";
import { InputError } from "../../errors.js";
import type { LearningAlgorithm } from "../../execute/algorithm.js";
import type { StreamShape } from "./stream-shape.js";

/** Settings of an algorithm; `allocate` hands out the buffers that the ledger counts. */
export interface AlgorithmSettings {
  readonly seed: number;
  /** Gives a zeroed buffer. */
  readonly allocate?: (
    category: "replay" | "algorithm",
    bytes: number,
  ) => ArrayBuffer | SharedArrayBuffer;
  readonly [setting: string]: unknown;
}

/** An algorithm that says what memory it takes. */
export interface CountedAlgorithm extends LearningAlgorithm {
  readonly name: string;
  /** Bytes that it holds, each buffer rounded up to 64. */
  readonly memoryBytes: { readonly replay: number; readonly algorithm: number };
}

/** An algorithm that can be created here, and by name on other threads. */
export interface AlgorithmChoice {
  readonly reference: PartReference;
  /** @throws InputError for settings that it refuses, and where it is no algorithm. */
  create(shape: StreamShape, settings: AlgorithmSettings): CountedAlgorithm;
}

/** Whether a text names a module rather than a built-in algorithm. */
export function namesModule(text: string): boolean {
  return /\.[cm]?js(#|$)/.test(text);
}

/**
 * Finds an algorithm: a built-in one of the optional peer `@ferret-ocl/ocl-algorithms` by name, the
 * function of a module, `./file.mjs#export` (without `#export` its default one), or what a
 * reference names. It is called with the reference's arguments, shape and settings.
 * @throws InputError where the module cannot be imported or has no such function.
 */
export async function loadAlgorithm(given: string | PartReference): Promise<AlgorithmChoice> {
  if (typeof given === "function")
    throw new InputError(
      "Expected a name, a module such as ./mine.mjs#create or a reference to its function for " +
        "algorithm but received the function itself; threads cannot be handed one",
    );
  const reference = typeof given === "string" ? referenceOf(given) : withArguments(given);
  const make = await importPart(reference);
  const source = typeof given === "string" ? given : `${reference.module}#${reference.export}`;
  return {
    reference,
    create: (shape, settings) => checkMade(make(shape, settings), source),
  };
}

/** A reference with its arguments, which may be left out. */
function withArguments(given: PartReference): PartReference {
  checkRecord(given, "algorithm");
  return { ...given, arguments: given.arguments ?? [] };
}

function referenceOf(text: string): PartReference {
  if (!namesModule(text))
    return { module: "@ferret-ocl/ocl-algorithms", export: "createAlgorithm", arguments: [text] };
  const [path = "", name = "default"] = text.split("#");
  // What is not there is for the import to tell; a pipe would be waited for without end.
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile())
    throw new InputError(
      `Expected a module in a regular file but ${path} is ${found.isDirectory() ? "a folder" : "a pipe or device"}; ` +
        "name a file",
    );
  return { module: pathToFileURL(resolve(path)).href, export: name, arguments: [] };
}

/** Refuses what lacks a required member of the contract. */
function checkMade(made: unknown, source: string): CountedAlgorithm {
  const algorithm = made as CountedAlgorithm;
  const missing = ["name", "learnBatch", "memoryBytes", "compose", "loss", "save", "restore"].find(
    (member) => algorithm?.[member as keyof CountedAlgorithm] === undefined,
  );
  if (missing === undefined) return algorithm;
  throw new InputError(
    `Expected an algorithm from ${source} but what it makes has no "${missing}"; ` +
      "see docs/adding-an-algorithm.md",
  );
}
