import type { NatsConnection } from "@nats-io/transport-node";
import type { PredictionSink } from "../contract.js";
import { publishMessage } from "./publish.js";

/**
 * Publishes predictions to a subject of a JetStream stream as JSON: `{ "source": "ITEMS", "sequence": 17,
 * "id": "17", "label": 3, "labels": [3], "probabilities": [...] }`, the probabilities row by row; in regression
 * `values` in place of the last three. The
 * message's id says source and place, so the stream drops the second copies that come after a restart,
 * within its window of duplicates; whoever reads knows later ones by `sequence`.
 */
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
