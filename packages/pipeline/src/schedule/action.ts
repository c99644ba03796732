import { expected } from "../errors.js";

/** Forward, backward (input gradient), weight gradient, update. */
export const actionKinds = ["F", "B", "W", "U"] as const;
/** F: forward, B: backward, W: weight gradients put off, U: update. */
export type ActionKind = (typeof actionKinds)[number];

/** One unit of work: what is done, for which item, by which worker, at which stage. */
export interface Action {
  readonly kind: ActionKind;
  readonly item: number;
  readonly worker: number;
  readonly stage: number;
}

/** An action with its place in time, milliseconds. */
export interface TimedAction extends Action {
  readonly start: number;
  readonly end: number;
}

/** `2F0`: stage 2, forward, item 0. Worker 0 goes without saying, others follow an `@`: `2F1@1`. */
export function formatAction({ kind, item, worker, stage }: Action): string {
  return `${stage}${kind}${item}${worker === 0 ? "" : `@${worker}`}`;
}

/** The reverse of `formatAction`. */
export function parseAction(text: string): Action {
  const match = /^(\d+)([FBWU])(\d+)(?:@(\d+))?$/.exec(text);
  if (!match) throw expected('an action such as "2F0" or "2F1@1"', "action", text);
  return {
    stage: Number(match[1]),
    kind: match[2] as ActionKind,
    item: Number(match[3]),
    worker: Number(match[4] ?? 0),
  };
}
