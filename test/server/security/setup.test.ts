import { describe, expect, test } from "bun:test";
import { setupUrl } from "../../../server/security/setup.ts";
import { AccessHouse, AGENT, AS_OWNER, GUEST, PASSWORD } from "../../support/access.ts";

const MINUTE_MS = 60_000;
const code = (expected: string) => expect.objectContaining({ code: expected });
const first = (token: string, name = "ada") => ({ token, name, password: PASSWORD });

describe("the set-up link", () => {
  test("makes the first administrator and signs them in, once", async () => {
    await using house = new AccessHouse();
    expect(await house.setup.needed()).toBe(true);
    const { token } = await house.setup.issue(AS_OWNER);
    expect(JSON.stringify(house.stored("SELECT * FROM setup"))).not.toContain(token);
    const { user, secret } = await house.setup.complete(first(token), GUEST, AGENT);
    expect(user).toMatchObject({ name: "ada", role: "admin", lastSignInAt: house.clock.now() });
    expect(await house.sessions.authenticate(secret)).toMatchObject({ userName: "ada", scopes: ["*"] });
    expect(await house.setup.needed()).toBe(false);
    expect(house.stored("SELECT * FROM setup")).toEqual([]);
    await expect(house.setup.complete(first(token, "eve"), GUEST, AGENT)).rejects.toEqual(
      code("already_set_up"),
    );
    await expect(house.setup.issue(AS_OWNER)).rejects.toEqual(code("already_set_up"));
  });

  test("works for thirty minutes, and a new one replaces it", async () => {
    await using house = new AccessHouse();
    const old = await house.setup.issue(AS_OWNER);
    const link = await house.setup.issue(AS_OWNER);
    await expect(house.setup.complete(first(old.token), GUEST, AGENT)).rejects.toEqual(
      code("setup_link_invalid"),
    );
    expect(link.expiresAt).toBe(house.clock.now() + 30 * MINUTE_MS);
    await house.clock.advance(30 * MINUTE_MS);
    await expect(house.setup.complete(first(link.token), GUEST, AGENT)).rejects.toEqual(
      code("setup_link_invalid"),
    );
    expect(await house.setup.needed()).toBe(true);
  });

  test("refuses a wrong token and one that was never issued; the refusal is audited", async () => {
    await using house = new AccessHouse();
    await expect(house.setup.complete(first("guess"), GUEST, AGENT)).rejects.toEqual(
      code("setup_link_invalid"),
    );
    const { token } = await house.setup.issue(AS_OWNER);
    for (const wrong of ["", token.slice(1), `${token}x`, token.toLowerCase()]) {
      await expect(house.setup.complete(first(wrong), GUEST, AGENT)).rejects.toEqual(
        code("setup_link_invalid"),
      );
    }
    await house.audit.flush();
    expect(house.stored("SELECT action, count FROM audit WHERE outcome = 'denied'")).toEqual([
      { action: "setup.complete", count: 5 },
    ]);
  });

  test("outlives a refused name or password", async () => {
    await using house = new AccessHouse();
    const { token } = await house.setup.issue(AS_OWNER);
    const weak = house.setup.complete({ token, name: "ada", password: "short" }, GUEST, AGENT);
    await expect(weak).rejects.toEqual(code("validation_failed"));
    await house.setup.complete(first(token), GUEST, AGENT);
  });

  test("of many who race with it, one wins", async () => {
    await using house = new AccessHouse();
    const { token } = await house.setup.issue(AS_OWNER);
    const racing = Array.from({ length: 6 }, (_, index) =>
      house.setup.complete(first(token, `racer-${index}`), GUEST, AGENT),
    );
    const outcomes = await Promise.allSettled(racing);
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toEqual(code("already_set_up"));
    }
    expect(house.stored("SELECT * FROM users")).toHaveLength(1);
    expect(house.stored("SELECT * FROM sessions")).toHaveLength(1);
  });

  test("carries its token in the fragment, which no browser sends", () => {
    expect(setupUrl("https://ops.example.org/", "abc")).toBe("https://ops.example.org/setup#token=abc");
  });
});
