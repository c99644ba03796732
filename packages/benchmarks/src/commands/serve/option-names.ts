import { InputError, isInput } from "../../errors.js";

/** Options of the command line by the names that programs give them. */
const optionOf: Readonly<Record<string, string>> = {
  model: "--model",
  weights: "--weights",
  inputShape: "--input-shape",
  classes: "--classes",
  outputs: "--outputs",
  loss: "--outputs",
  memoryBudget: "--memory-budget",
  algorithm: "--algorithm",
  algorithmOptions: "--algorithm-options",
  compensation: "--compensation",
  optimizer: "--optimizer",
  optimizerOptions: "--optimizer-options",
  objective: "--objective",
  timing: "--timing",
  learningRate: "--lr",
  batch: "--batch",
  seed: "--seed",
  runtime: "--runtime",
  clock: "--engine",
  "clock.count": "--threads",
  "clock.kind": "--engine",
  arrivalInterval: "--arrival",
  whenBusy: "--when-busy",
  state: "--state",
  batchWait: "--batch-wait",
  window: "--window",
  waitingBytes: "--waiting-memory",
  waitingTime: "--waiting-time",
  host: "--host",
  port: "--port",
  token: "--token",
  bodyLimit: "--body-limit",
  queueLimit: "--queue-limit",
  connectionLimit: "--connections",
  rateLimit: "--rate-limit",
  requestTimeout: "--request-timeout",
};

const escaped = (name: string) => name.replace(".", "\\.");
const longestFirst = Object.keys(optionOf).sort((a, b) => b.length - a.length);
/** Names that are no words of a sentence, wherever they stand but in what is quoted. */
const unlikeWords = longestFirst.filter((name) => /[A-Z.]/.test(name)).map(escaped);
/** Others only where a sentence says what it is about: `Expected 0 for seed, as ...`. */
const likeWords = longestFirst.filter((name) => !/[A-Z.]/.test(name));
const named = new RegExp(
  `"(?:[^"\\\\]|\\\\.)*"|(?<![\\w.-])(?:${unlikeWords.join("|")})(?![\\w.])|` +
    `(?<=\\bfor )(?:${likeWords.join("|")})(?=,| but)`,
  "g",
);

/** A sentence about the options of a program, as it is of those of the command line. */
export function nameOptions(sentence: string): string {
  return sentence.replace(named, (found) => optionOf[found] ?? found);
}

/** Does something whose refusals name options as a program has them: they name the command line's. */
export async function withOptionNames<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isInput(error)) throw new InputError(nameOptions(error.message), { cause: error });
    throw error;
  }
}
