import { expected } from "../errors.js";
import type { Service } from "../service.js";
import type { Following, FollowOptions } from "./contract.js";
import { Follower } from "./follower.js";

/**
 * Takes in the messages of sources, in the order of each: predicts, then learns. A message and the
 * place behind it are in the same checkpoint or in none, so after a restart each has its effect once.
 *
 * ```
 *   source ──> [ in flight ] ──> learner ──> predictions
 *                   │ every N messages: all answered, then
 *                   └──────> checkpoint: learner, positions, samples that wait ──> acknowledge
 * ```
 *
 * @throws InputError for wrong options.
 */
export function follow(service: Service, options: FollowOptions): Following {
  const { sources, every = { milliseconds: 30_000 } } = options;
  const { inFlight = 16, earlyLabels = 1_000, badMessages = "pass" } = options;
  if (!Array.isArray(sources) || sources.length === 0)
    throw expected("a list of sources", "sources", sources);
  const names = sources.map(({ name }) => name);
  const wrong = names.find((name, at) => !name || name === "follow" || names.indexOf(name) !== at);
  if (wrong !== undefined)
    throw expected('names that are all different, none of them "follow",', "sources", wrong);
  const [amount] = Object.values(every);
  if (
    !(
      typeof amount === "number" &&
      amount > 0 &&
      ("milliseconds" in every || Number.isSafeInteger(amount))
    )
  )
    throw expected("items or milliseconds above 0", "every", every);
  for (const [name, value] of Object.entries({ inFlight, earlyLabels }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw expected("a whole number above 0", name, value);
  if (!["pass", "stop"].includes(badMessages))
    throw expected('"pass" or "stop"', "badMessages", badMessages);
  return new Follower(service, { ...options, every, inFlight, earlyLabels, badMessages });
}
