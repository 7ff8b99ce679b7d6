import type { ResolvedGrants } from "../broker/grants.ts";

/** What a process is started with besides its bytes. Its grants hold for as long as it lives. */
export interface Setting {
  /** In force, secrets included: for the process alone. */
  config: Readonly<Record<string, unknown>>;
  grants: ResolvedGrants;
}
