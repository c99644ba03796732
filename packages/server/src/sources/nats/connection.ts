import { connect, type NatsConnection } from "@nats-io/transport-node";
import { InputError } from "../../errors.js";

/** As `connectNats` of lazy.ts. */
export async function connectNats(
  servers: string | readonly string[],
  onNotice: (sentence: string) => void = () => {},
): Promise<NatsConnection> {
  const all = [servers].flat() as string[];
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: all,
      name: "ferret",
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
    });
  } catch (error) {
    throw new InputError(
      `Expected a NATS server at ${all.join(", ")} but got: ${(error as Error).message}; start one with ` +
        "nats-server --jetstream, or give the address of yours",
      { cause: error },
    );
  }
  void tell(connection, onNotice);
  return connection;
}

async function tell(connection: NatsConnection, onNotice: (sentence: string) => void) {
  for await (const status of connection.status()) {
    if (status.type === "disconnect")
      onNotice(`The connection to NATS at ${status.server} is lost; connecting again`);
    if (status.type === "reconnect") onNotice(`Connected to NATS at ${status.server} again`);
  }
}
