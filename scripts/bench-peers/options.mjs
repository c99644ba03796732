import { parseArgs } from "node:util";
import { cases } from "./cases.mjs";

const names = [...new Set(cases.map(({ model }) => model))];

export const help = `Runs our training step and PyTorch's, alternating: one thread, float32, forward + mean
cross entropy + backward + SGD. Prints medians and writes results/peers.json.

  npm run bench:peers -- [options]

  --models <a,b>   some of ${names.join(", ")}
  --rounds <n>     blocks of each side per model, alternating (default 9; with --quick 3)
  --quick          shorter blocks; for a first look, noisy
  --help           this text

Example: npm run bench:peers -- --models mlp,mnistnet --rounds 5

ofLimit is 3 x the operations of a forward pass, by our median time and by the best rate of a
1024 x 1024 x 1024 matrix product on oneDNN in the same run. A spread is the interquartile range
in ms. Ctrl-C writes what has been measured. FERRET_SKIP_APT=1 keeps it from installing PyTorch.
`;

export class OptionError extends Error {}

/**
 * @param {string[]} words
 * @returns {{ help: boolean, cases: typeof cases, rounds: number, blockMs: number }}
 * @throws {OptionError}
 */
export function readOptions(words) {
  const values = parse(words);
  const quick = values.quick ?? false;
  const rounds = values.rounds === undefined ? (quick ? 3 : 9) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new OptionError(
      `Expected positive integer for --rounds but received ${values.rounds}; give a number such as 5`,
    );
  const wanted = values.models?.split(",") ?? names;
  for (const name of wanted)
    if (!names.includes(name))
      throw new OptionError(
        `Expected some of ${names.join(", ")} for --models but received ${name}`,
      );
  return {
    help: values.help ?? false,
    cases: cases.filter(({ model }) => wanted.includes(model)),
    rounds,
    blockMs: quick ? 100 : 300,
  };
}

function parse(words) {
  try {
    return parseArgs({
      args: words,
      options: {
        models: { type: "string" },
        rounds: { type: "string" },
        quick: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new OptionError(`${error.message}; see --help`);
  }
}
