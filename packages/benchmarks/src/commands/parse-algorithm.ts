import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { namesModule } from "@ferret-ocl/pipeline/engine";
import { parseName } from "../parse.js";

/** Checks the text of `--algorithm`: a built-in name, or `./file.mjs#export`. */
export function parseAlgorithm(text: string): string {
  return namesModule(text) ? text : parseName(text, "--algorithm", algorithmNames);
}
