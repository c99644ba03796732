import { adaptiveFisher } from "./algorithms/adaptive-fisher.js";
import { blockFisher } from "./algorithms/block-fisher.js";
import { closedForm } from "./algorithms/closed-form.js";
import { delayAdaptive } from "./algorithms/delay-adaptive.js";
import { driftAware } from "./algorithms/drift-aware.js";
import { fisher } from "./algorithms/fisher.js";
import { fisherCap } from "./algorithms/fisher-cap.js";
import { gapAware } from "./algorithms/gap-aware.js";
import { iterFisher } from "./algorithms/iter-fisher.js";
import { none } from "./algorithms/none.js";
import { rankOne } from "./algorithms/rank-one.js";
import { secant } from "./algorithms/secant.js";
import { stepAware } from "./algorithms/step-aware.js";
import type { Method } from "./method.js";

/** One row a method. */
const rows = [
  none,
  stepAware,
  gapAware,
  fisher,
  adaptiveFisher,
  iterFisher,
  closedForm,
  delayAdaptive,
  fisherCap,
  driftAware,
  blockFisher,
  rankOne,
  secant,
] as const;

type OptionsOf<Row> = Row extends Method<infer Options> ? Options : never;
type Both<Each> = (Each extends unknown ? (each: Each) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** Settings of every method; one that a method does not take is refused. */
export type CompensationOptions = Both<OptionsOf<(typeof rows)[number]>>;

/** All methods by name. */
export const methods: ReadonlyMap<string, Method<CompensationOptions>> = new Map(
  rows.map((row) => [row.name, row as unknown as Method<CompensationOptions>]),
);

/** Names that `createCompensator` takes. */
export const compensatorNames: readonly string[] = [...methods.keys()];

/** Those of them that it takes for tensors. */
export const tensorCompensatorNames: readonly string[] = compensatorNames.filter(
  (name) => methods.get(name)?.onTensors,
);
