import type { NatsConnection } from "@nats-io/transport-node";
import type { PredictionSink } from "../contract.js";
import { publishMessage } from "./publish.js";

/** As `natsPredictions` of lazy.ts. */
export function natsPredictions(connection: NatsConnection, subject: string): PredictionSink {
  return async ({ source, position, id, labels, probabilities, values }) => {
    const place = position as { readonly sequence?: number; readonly created?: string } | undefined;
    const content = {
      source,
      ...(place?.sequence === undefined ? { position } : { sequence: place.sequence }),
      id,
      ...(labels
        ? { label: labels[0], labels: Array.from(labels), probabilities: shortened(probabilities) }
        : { values: shortened(values) }),
    };
    const name =
      place?.sequence === undefined
        ? `${source} ${JSON.stringify(position)}`
        : `${source} ${place.created} ${place.sequence}`;
    const message = { headers: {}, data: Buffer.from(JSON.stringify(content)) };
    await publishMessage(connection, subject, message, name);
  };
}

/** As exact as float32 is. */
function shortened(values: Float32Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(9)));
}
