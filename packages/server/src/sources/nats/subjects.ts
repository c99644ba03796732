/** Whether a subject is one of those, with `*` for a word and `>` for the rest. */
export function matcher(subjects: readonly string[]): (subject: string) => boolean {
  const patterns = subjects.map((subject) => subject.split("."));
  return (subject) => {
    const words = subject.split(".");
    return patterns.some((pattern) => {
      const rest = pattern.at(-1) === ">";
      if (rest ? words.length < pattern.length : words.length !== pattern.length) return false;
      return pattern.every((word, at) => word === "*" || word === ">" || word === words[at]);
    });
  };
}
