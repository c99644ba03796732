import { camel } from "./camel.js";
import type { Method } from "./contract.js";
import { ferret } from "./ferret.js";
import { lastN } from "./last-n.js";
import { oneSkip } from "./one-skip.js";
import { oracle } from "./oracle.js";
import { randomN } from "./random-n.js";

/** Methods by name; one row a method. */
export const methods = {
  oracle,
  "1-skip": oneSkip,
  "random-n": randomN,
  "last-n": lastN,
  camel,
  ferret,
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof methods;

export const methodNames = Object.keys(methods) as readonly MethodName[];

/** Those that learn by a plan. */
export const plannedMethodNames = methodNames.filter((name) => methods[name].isPlanned);
