import type { Schema } from "./route.js";

const number: Schema = { type: "number" };

/** A sample: numbers, nested in any way, in the order of the model's input. */
export const sample: Schema = {
  type: "array",
  minItems: 1,
  items: {},
  description: "Numbers in the order of the model's input, channels last, nested in any way",
};

export const id: Schema = {
  type: "string",
  minLength: 1,
  maxLength: 128,
  description: "Id of a sample that waits for its label",
};

/** What is to be learned of a sample. */
export function truth(isOfValues: boolean): Schema {
  return isOfValues
    ? {
        anyOf: [number, { type: "array", items: number, minItems: 1 }],
        description: "A number, or one for each output",
      }
    : { type: "integer", minimum: 0, description: "A class, counted from 0" };
}

export function prediction(isOfValues: boolean): Schema {
  return isOfValues
    ? record({ id, values: { type: "array", items: number, minItems: 1 } })
    : record({
        id,
        label: { type: "integer", minimum: 0 },
        probabilities: {
          type: "array",
          minItems: 2,
          items: { type: "number", minimum: 0, maximum: 1 },
        },
      });
}

export const learned: Schema = record({
  learned: {
    type: "integer",
    minimum: 0,
    description: "Samples that were taken in; the others were dropped",
  },
});

export const failure: Schema = record({
  error: { type: "string", description: "One sentence: what was expected, what came, what to do" },
});

/** An object of these fields and no others. */
export function record(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** One, or an array of them. */
export function oneOrMany(schema: Schema): Schema {
  return { anyOf: [schema, { type: "array", items: schema, minItems: 1 }] };
}

/** Raw numbers, one sample after the other. */
export const raw: Schema = {
  type: "string",
  format: "binary",
  description:
    "Samples one after the other: float32, little-endian, or with the parameter dtype=uint8 bytes that " +
    "are divided by 255",
};

/** As many lines as came, each of these or what was wrong with its line. */
export const lines = (schema: Schema): Schema => ({
  description: "A line each",
  anyOf: [schema, failure],
});
