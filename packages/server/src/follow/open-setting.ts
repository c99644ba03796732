import type { Service } from "../service.js";
import type { Source } from "../sources/contract.js";
import { lineSource } from "../sources/lines.js";
import type { Following, FollowOptions } from "./contract.js";
import { follow } from "./follow.js";
import type { FollowSetting } from "./options.js";

/** A service that follows what a command line says. */
export interface FollowingSetting extends Following {
  /** Ends connections; belongs behind `ended`. */
  close(): Promise<void>;
}

/**
 * Begins to follow.
 * @throws InputError where a server, a stream or a subject is not there.
 */
export async function followSetting(
  service: Service,
  setting: FollowSetting,
  onNotice: (sentence: string) => void,
): Promise<FollowingSetting> {
  const { nats, lines, every, badMessages } = setting;
  const sources: Source[] = lines ? [lineSource(lines) as Source] : [];
  // Its client takes a while to load.
  const opened = nats && (await (await import("./nats-setting.js")).openNats(nats, onNotice));
  const close = async () => opened?.connection.close();
  try {
    sources.push(...(opened?.sources ?? []));
    const predictions = opened?.predictions;
    if (service.state === undefined)
      onNotice(
        "No checkpoints are kept, so after a restart the stream comes from its beginning; name a folder of state",
      );
    const options: FollowOptions = { sources, every, badMessages, onNotice };
    const following = follow(service, { ...options, ...(predictions && { predictions }) });
    return {
      get counts() {
        return following.counts;
      },
      ended: following.ended,
      stop: () => following.stop(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
