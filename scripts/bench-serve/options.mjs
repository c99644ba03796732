import { parseArgs } from "node:util";

export const help = `Our service and the same model in Python (PyTorch behind FastAPI and uvicorn), on this machine, asked
by a second process over kept connections: requests a second and the 99th percentile in ms.

  npm run bench:serve -- [options]

  --model <name>       mlp or mnistnet (default mnistnet)
  --batches <a,b>      samples of a request (default 1,16)
  --threads <a,b>      threads that compute, on both sides (default 1,2)
  --connections <n>    requests that are under way at once (default 8)
  --seconds <n>        length of a measurement (default 5)
  --rounds <n>         measurements of each, alternating; medians are printed (default 3)
  --body <raw|json>    how samples are sent (default raw: float32)
  --python <path>      a Python with torch, fastapi and uvicorn (default python3, or FERRET_PYTHON)
  --ours               ours alone

"learn" predicts a request's samples, then makes one step of SGD, on both sides; ours answers when the step
is taken in, and the threads make it. Ours has one more thread than asked for, which reads requests.
The last table is the 99th percentile of predict on one connection, idle and while four others
learn as fast as they are answered. Goals: 3 times the requests at a lower 99th percentile; while learning
less than 5 times that of an idle learner.
`;

export class OptionError extends Error {}

export function readOptions(words) {
  const text = (value) => ({ type: "string", default: value });
  let values;
  try {
    values = parseArgs({
      args: words,
      options: {
        model: text("mnistnet"),
        batches: text("1,16"),
        threads: text("1,2"),
        connections: text("8"),
        seconds: text("5"),
        rounds: text("3"),
        body: text("raw"),
        python: text(process.env.FERRET_PYTHON ?? "python3"),
        ours: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError(`${error.message}; see --help`);
  }
  const oneOf = (name, known) => {
    if (!known.includes(values[name]))
      throw new OptionError(
        `Expected one of ${known.join(", ")} for --${name} but received "${values[name]}"`,
      );
    return values[name];
  };
  const numbers = (name, whole = true) =>
    values[name].split(",").map((part) => {
      const value = Number(part);
      if (value > 0 && (!whole || Number.isInteger(value))) return value;
      throw new OptionError(
        `Expected positive numbers for --${name} but received "${values[name]}"`,
      );
    });
  return {
    ...values,
    model: oneOf("model", ["mlp", "mnistnet"]),
    body: oneOf("body", ["raw", "json"]),
    batches: numbers("batches"),
    threads: numbers("threads"),
    connections: numbers("connections")[0],
    seconds: numbers("seconds", false)[0],
    rounds: numbers("rounds")[0],
  };
}
