import type { SuitePart } from "./contract.js";
import { latency } from "./latency.js";
import { memory } from "./memory.js";
import { stream } from "./stream.js";
import { table1 } from "./table1.js";
import { table2 } from "./table2.js";
import { table3 } from "./table3.js";
import { table4 } from "./table4.js";

/** One row a table or figure, in the order in which they are run and shown. */
export const suiteParts: readonly SuitePart[] = [
  table1,
  table3,
  memory,
  stream,
  table4,
  latency,
  table2,
];
