/**
 * Characters that steer a terminal instead of showing anything (C0, DEL, C1), line separators, and
 * those that turn the direction of the text around them.
 */
const steering = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from outside (a file's name, a label, a message about either) as it may be shown: what
 * would steer a terminal stands there as `\u001b`, which JSON reads back as the same character.
 * @param keep characters that stay as they are, such as the ends of lines.
 */
export function printable(text: string, keep = ""): string {
  return text.replace(steering, (character) =>
    keep.includes(character)
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
