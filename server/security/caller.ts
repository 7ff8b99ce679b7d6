import type { Principal } from "./principal.ts";

/** Who calls a verb, and from where: what the audit log keeps of it. A request's exchange is one. */
export interface Caller {
  readonly principal: Principal;
  /** In every log line, answer and audit row of this call. */
  readonly correlationId: string;
  /** The client's address; `control` on the control socket, `offline` for a command without a server. */
  readonly clientAddress: string;
}
