import { describe, expect, test } from "bun:test";
import type { GrantedScope } from "../../../schema/rules/scopes.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { Exchange } from "../../../server/http/exchange.ts";
import { type ConnectionHolder, Revocation } from "../../../server/http/revocation.ts";
import type { Principal } from "../../../server/security/principal.ts";

const TOKEN = "token-1";
const holding = (scopes: readonly GrantedScope[]): Principal => ({
  kind: "token",
  tokenId: TOKEN,
  userId: "u",
  userName: "ada",
  scopes,
});

/** One holder under watch, and what its connections' credential is worth when it is presented again. */
function watched() {
  const ended: string[] = [];
  const open = new Set<string>();
  const holder: ConnectionHolder = {
    has: (credential) => open.has(credential),
    end: (credential) => void ended.push(credential),
    onOpen: () => undefined,
  };
  const house = { principal: holding(["metrics:read"]) as Principal | undefined };
  const authenticate = async () => {
    if (!house.principal) throw new AppError("unauthenticated");
    return { principal: house.principal, hasStaleCookie: false };
  };
  const revocation = new Revocation({ authenticate }, [holder]);
  const request = new Request("http://localhost/", { headers: { authorization: "Bearer bnc_x" } });
  const exchange = new Exchange({
    request,
    correlationId: "test",
    carrier: { requestIP: () => null },
    startedAtMs: 0,
    isSecure: false,
    bodyLimitBytes: 0,
    principal: holding(["metrics:read"]),
  });
  const connect = (): void => {
    open.add(TOKEN);
    holder.onOpen(exchange);
  };
  return { revocation, connect, ended, house };
}

describe("long-lived connections", () => {
  test("stay while what opened them is worth the same", async () => {
    const { revocation, connect, ended } = watched();
    connect();
    await revocation.check();
    expect(ended).toEqual([]);
  });

  test("end with their credential, whenever between two looks they were opened", async () => {
    const { revocation, connect, ended, house } = watched();
    await revocation.check();
    connect();
    house.principal = undefined;
    await revocation.check();
    expect(ended).toEqual([TOKEN]);
  });

  test("end when the credential may do other things than before", async () => {
    const { revocation, connect, ended, house } = watched();
    connect();
    house.principal = holding(["*"]);
    await revocation.check();
    expect(ended).toEqual([TOKEN]);
  });
});
