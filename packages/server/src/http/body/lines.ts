import { InputError } from "../../errors.js";

const lineEnd = 0x0a;

/**
 * The lines of a stream of bytes, without their ends; empty ones are left out.
 * @param most bytes of a line.
 * @throws InputError where one is longer: nothing more is read then.
 */
export async function* readLines(
  source: AsyncIterable<Buffer>,
  most: number,
): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = () => {
    const line = Buffer.concat(parts).toString("utf8").trim();
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of source) {
    let begin = 0;
    for (let end = chunk.indexOf(lineEnd); end >= 0; end = chunk.indexOf(lineEnd, begin)) {
      keep(chunk.subarray(begin, end));
      begin = end + 1;
      const line = take();
      if (line !== "") yield line;
    }
    keep(chunk.subarray(begin));
  }
  const last = take();
  if (last !== "") yield last;

  function keep(part: Buffer): void {
    length += part.byteLength;
    if (length > most)
      throw new InputError(
        `Expected lines of at most ${most} bytes but received a longer one; send fewer numbers in one, or ` +
          "raise the body limit",
      );
    parts.push(part);
  }
}
