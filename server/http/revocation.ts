import type { Access } from "../security/access.ts";
import { credentialOf, type Principal } from "../security/principal.ts";
import type { Exchange } from "./exchange.ts";

/** Holds connections open that outlive the request that opened them. */
export interface ConnectionHolder {
  /** Whether it holds any of the credential. */
  has(credential: string): boolean;
  /** Ends those of the credential. */
  end(credential: string): void;
  /** Called with the request behind each connection as it opens; set by who watches over the holder. */
  onOpen: (exchange: Exchange) => void;
}

interface Remembered {
  authorization: string | null;
  cookie: string | null;
  correlationId: string;
  clientAddress: string;
  principal: Principal;
}

/**
 * Ends sockets and event streams whose session or token has ended, or may do other things than when they were opened:
 * it presents what opened them again, once for all connections of a credential.
 */
export class Revocation {
  readonly #access: Pick<Access, "authenticate">;
  readonly #holders: readonly ConnectionHolder[];
  readonly #remembered = new Map<string, Remembered>();

  constructor(access: Pick<Access, "authenticate">, holders: readonly ConnectionHolder[]) {
    this.#access = access;
    this.#holders = holders;
    for (const holder of holders) holder.onOpen = (exchange) => this.#remember(exchange);
  }

  /** Presents every remembered credential again. */
  async check(): Promise<void> {
    for (const [key, remembered] of [...this.#remembered]) {
      const isHeld = this.#holders.some((holder) => holder.has(key));
      if (isHeld && (await this.#isUnchanged(remembered))) continue;
      this.#remembered.delete(key);
      for (const holder of this.#holders) holder.end(key);
    }
  }

  /** Keeps what a long-lived connection was opened with. */
  #remember({ request: { headers }, principal, correlationId, clientAddress }: Exchange): void {
    if (principal.kind !== "session" && principal.kind !== "token") return;
    const key = credentialOf(principal);
    if (this.#remembered.has(key)) return;
    const [authorization, cookie] = [headers.get("authorization"), headers.get("cookie")];
    this.#remembered.set(key, { authorization, cookie, correlationId, clientAddress, principal });
  }

  async #isUnchanged(remembered: Remembered): Promise<boolean> {
    try {
      const { principal } = await this.#access.authenticate(remembered);
      return principal.scopes.join() === remembered.principal.scopes.join();
    } catch {
      // A token that is no longer right is what this looks for.
      return false;
    }
  }
}
