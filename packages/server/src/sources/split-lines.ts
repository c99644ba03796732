/** Lines longer than this are taken for damage. */
export const mostLineBytes = 16 * 2 ** 20;

const newline = 10;

/**
 * Lines of a text, without their ends, as they come; the last one needs none.
 * @returns null for a line that is too long, which is not kept.
 */
export async function* splitLines(
  pieces: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | null> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let isTooLong = false;
  const take = (): Uint8Array | null => {
    const line = isTooLong ? null : Buffer.concat(held);
    [held, bytes, isTooLong] = [[], 0, false];
    return line;
  };
  const hold = (piece: Uint8Array) => {
    bytes += piece.length;
    if (bytes > mostLineBytes) {
      isTooLong = true;
      held = [];
    } else if (piece.length > 0) held.push(piece);
  };
  for await (const piece of pieces) {
    const given = typeof piece === "string" ? Buffer.from(piece) : piece;
    let start = 0;
    for (let end = given.indexOf(newline); end >= 0; end = given.indexOf(newline, start)) {
      hold(given.subarray(start, end));
      yield take();
      start = end + 1;
    }
    hold(given.subarray(start));
  }
  if (bytes > 0) yield take();
}
