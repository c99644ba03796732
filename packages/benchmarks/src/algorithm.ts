import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type AlgorithmOptions,
  type AlgorithmShape,
  algorithmNames,
  createAlgorithm,
  type OclAlgorithm,
} from "@ferret-ocl/ocl-algorithms";
import { importPart, type PartReference } from "@ferret-ocl/pipeline";
import { InputError } from "./errors.js";
import { expectRegularFile } from "./input-file.js";
import { parseName } from "./parse.js";

/** An algorithm that can be made here, and by name in other threads. */
export interface AlgorithmChoice {
  readonly reference: PartReference;
  /** @throws InputError for settings that it refuses, and where it is no algorithm. */
  create(shape: AlgorithmShape, options: AlgorithmOptions): OclAlgorithm;
}

/** Whether a text names a module rather than a built-in algorithm. */
function namesModule(text: string): boolean {
  return /\.[cm]?js(#|$)/.test(text);
}

/** Checks the text of `--algorithm`: a built-in name, or `./file.mjs#export`. */
export function parseAlgorithm(text: string): string {
  return namesModule(text) ? text : parseName(text, "--algorithm", algorithmNames);
}

/**
 * Finds an algorithm: a built-in one by name, or the function of a module, `./file.mjs#export`
 * (without `#export` its default one), called with shape and options as `createAlgorithm` hands
 * them on.
 * @throws InputError where the module cannot be imported or has no such function.
 */
export async function loadAlgorithm(nameOrModule: string): Promise<AlgorithmChoice> {
  if (!namesModule(nameOrModule))
    return {
      reference: {
        module: import.meta.resolve("@ferret-ocl/ocl-algorithms"),
        export: "createAlgorithm",
        arguments: [nameOrModule],
      },
      create: (shape, options) => createAlgorithm(nameOrModule, shape, options),
    };
  const [path = "", name = "default"] = nameOrModule.split("#");
  // What is not there is for the import to tell; a pipe would be waited for without end.
  if (existsSync(path)) expectRegularFile(path, "a module");
  const reference: PartReference = {
    module: pathToFileURL(resolve(path)).href,
    export: name,
    arguments: [],
  };
  const make = await importPart(reference);
  return {
    reference,
    create: (shape, options) => checkAlgorithm(make(shape, options), nameOrModule),
  };
}

/** Refuses what lacks a required member of the contract. */
function checkAlgorithm(made: unknown, source: string): OclAlgorithm {
  const algorithm = made as OclAlgorithm;
  const missing = ["name", "learnBatch", "memoryBytes", "compose", "loss", "save", "restore"].find(
    (member) => algorithm?.[member as keyof OclAlgorithm] === undefined,
  );
  if (missing === undefined) return algorithm;
  throw new InputError(
    `Expected an algorithm from ${source} but what it makes has no "${missing}"; ` +
      "see docs/adding-an-algorithm.md",
  );
}
