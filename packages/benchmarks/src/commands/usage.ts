import type { CommanderError } from "commander";

/** What is wrong with a command line, by commander's code: its sentence, and ours. */
const sentences: Readonly<Record<string, readonly [RegExp, string]>> = {
  "commander.unknownOption": [
    /^unknown option '(.*)'$/,
    "Expected an option that the command knows but received $1",
  ],
  "commander.unknownCommand": [
    /^unknown command '(.*)'$/,
    "Expected one of demo, profile, plan, run, report, schedule, experiment, datasets, serve but received $1",
  ],
  "commander.missingMandatoryOptionValue": [
    /^required option '(.*)' not specified$/,
    "Expected the option $1 but it is missing",
  ],
  "commander.optionMissingArgument": [
    /^option '(.*)' argument missing$/,
    "Expected a value for $1 but received none",
  ],
  "commander.missingArgument": [
    /^missing required argument '(.*)'$/,
    "Expected an argument for $1 but received none",
  ],
  "commander.excessArguments": [
    /^too many arguments(?: for '(.*)')?\. Expected (\d+) arguments? but got (\d+)\.$/,
    "Expected $2 arguments besides the options of $1 but received $3",
  ],
};

/**
 * A command line that commander refused, in one line in the form of all our errors, with a pointer
 * to the help.
 */
export function describeUsage({ code, message }: CommanderError, command = "ferret"): string {
  const [complaint = "", hint] = message.replace(/^error: /, "").split("\n");
  const [pattern, sentence] = sentences[code] ?? [/^/, ""];
  const suggestion = /^\(Did you mean (.*)\?\)$/.exec(hint ?? "")?.[1];
  return (
    complaint.replace(pattern, sentence) +
    (suggestion ? `; did you mean ${suggestion}?` : `; see ${command} --help`)
  );
}
