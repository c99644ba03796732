import { spawnSync } from "node:child_process";

/** Debian puts nats-server where only root looks. */
export const natsEnvironment = {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin`,
};

export function hasNatsServer() {
  return spawnSync("nats-server", ["--version"], { env: natsEnvironment }).status === 0;
}
