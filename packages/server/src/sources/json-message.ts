import type { Labels, Samples } from "@ferret-ocl/pipeline";
import type { SourceMessage } from "./contract.js";

/** The fields of a message. */
const fields = ["x", "y", "id"];

/**
 * A message from JSON: `{ "x": [...], "y": 3, "id": "a" }`, of which an item alone leaves out `y`, a
 * label alone `x`. Other fields are a fault: a label under another name would be none.
 * @returns what it says, not yet checked against a model.
 */
export function readJsonMessage(text: string): SourceMessage<never> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: `Expected JSON but received ${JSON.stringify(text.slice(0, 60))}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { fault: `Expected an object with x, y and id but received ${text.slice(0, 60)}` };
  const unknown = Object.keys(value).find((name) => !fields.includes(name));
  if (unknown !== undefined)
    return {
      fault: `Expected the fields x, y and id but the message has ${JSON.stringify(unknown)}`,
    };
  const { x, y, id } = value as { x?: Samples; y?: Labels; id?: unknown };
  return { x, y, id: typeof id === "number" ? String(id) : (id as string | undefined) };
}
