/**
 * Node's options for a thread: those of this process but for `--input-type`, which is for code that
 * comes with the command and is refused beside a file.
 */
export function threadArguments(): string[] {
  return process.execArgv.filter(
    (word, index, all) => !word.startsWith("--input-type") && all[index - 1] !== "--input-type",
  );
}
