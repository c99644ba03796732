import { createHash } from "node:crypto";
import { InputError } from "../errors.js";
import { parseJson } from "../model/files/json.js";

/** Of the format; a file of another one is refused. */
const checkpointVersion = 1;

const head =
  /^\{"format":"ferret-checkpoint","version":(\d{1,9}),"sha256":"([0-9a-f]{64})","content":/;

/** What is wrong with a checkpoint that is not whole: a part of a sentence. */
export class Damage extends Error {}

/**
 * Plain data as the JSON file of a checkpoint, in a form that can be checked before anything in it is
 * believed:
 *
 * ```
 * {"format":"ferret-checkpoint","version":1,"sha256":"...","content":{ ... }}
 * ```
 *
 * The checksum is of version and content, byte by byte.
 */
export function seal(content: unknown): string {
  const text = JSON.stringify(content);
  const sha256 = checksum(checkpointVersion, text);
  return `{"format":"ferret-checkpoint","version":${checkpointVersion},"sha256":"${sha256}","content":${text}}\n`;
}

/**
 * The content of a file that `seal` has made.
 * @throws Damage where a byte is missing or is another one; InputError for a whole file of another version.
 */
export function unseal(text: string, file: string): unknown {
  const begins = head.exec(text);
  if (!begins) throw new Damage("it does not begin as a checkpoint does");
  const [whole, version, sha256] = begins as unknown as [string, string, string];
  if (!text.endsWith("}\n")) throw new Damage("its end is missing");
  const content = text.slice(whole.length, -2);
  if (checksum(Number(version), content) !== sha256) throw new Damage("its checksum is wrong");
  if (Number(version) !== checkpointVersion)
    throw new InputError(
      `Expected a checkpoint of version ${checkpointVersion} in ${file} but it is of version ${version}; ` +
        "open it with the version of Ferret that saved it",
    );
  try {
    return parseJson(content);
  } catch (error) {
    throw new Damage(`its content cannot be read (${(error as Error).message})`);
  }
}

function checksum(version: number, content: string): string {
  return createHash("sha256").update(`${version}\n`).update(content).digest("hex");
}
