import { parseName } from "../parse.js";
import { camel } from "./camel.js";
import type { Method } from "./contract.js";
import { ferret } from "./ferret.js";
import { lastN } from "./last-n.js";
import { oneSkip } from "./one-skip.js";
import { oracle } from "./oracle.js";
import { randomN } from "./random-n.js";
import { scheduled } from "./scheduled.js";

/** Methods by name; one row per method. */
export const methods = {
  oracle,
  "1-skip": oneSkip,
  "random-n": randomN,
  "last-n": lastN,
  camel,
  dapple: scheduled("dapple", "DAPPLE", "one forward, one backward, with a flush every M items"),
  "zero-bubble": scheduled(
    "zero-bubble",
    "Zero-Bubble",
    "the same, with weight gradients postponed into idle time (H1)",
  ),
  "hanayo-1": scheduled("hanayo-1", "Hanayo 1W", "a wave of stages down the devices and up again"),
  "hanayo-2": scheduled("hanayo-2", "Hanayo 2W", "two such waves, of smaller stages"),
  "hanayo-3": scheduled("hanayo-3", "Hanayo 3W", "three such waves"),
  pipedream: scheduled(
    "pipedream",
    "PipeDream",
    "one forward, one backward, without a flush, with an update after each backward",
  ),
  "pipedream-2bw": scheduled(
    "pipedream-2bw",
    "PipeDream-2BW",
    "the same, with two weight versions and an update every P items",
  ),
  ferret,
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof methods;

export const methodNames = Object.keys(methods) as readonly MethodName[];

/** @throws InputError where there is none of that name. */
export const methodNamed = (name: string): Method =>
  methods[parseName(name, "method", methodNames)];
