import type { ScalerState } from "@ferret-ocl/pipeline";

/** What measured features may be standardised by; `none`: they stay as they are. */
export const scales = ["file", "running", "none"] as const;
export type Scale = (typeof scales)[number];

/** How the inputs of a model were scaled, to continue with it. */
export interface SavedScaling {
  readonly scale: Scale;
  /** Statistics; null if inputs stay as they are. */
  readonly state: ScalerState | null;
}
