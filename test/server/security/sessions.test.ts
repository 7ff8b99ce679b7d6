import { describe, expect, test } from "bun:test";
import { sha256Hex } from "../../../server/lib/ids.ts";
import { AccessHouse, AGENT, AS_OWNER, GUEST, PASSWORD } from "../../support/access.ts";

const MINUTE_MS = 60_000;
const code = (expected: string) => expect.objectContaining({ code: expected });

/** Lets time pass as a running server would live it: with a request every `stepMs`. */
async function useFor(house: AccessHouse, secret: string, totalMs: number, stepMs: number): Promise<boolean> {
  for (let passedMs = 0; passedMs < totalMs; passedMs += stepMs) {
    await house.clock.advance(stepMs);
    if (!(await house.sessions.authenticate(secret))) return false;
  }
  return true;
}

describe("signing in", () => {
  test("gives a session whose secret is stored nowhere", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const { secret, session, user } = await house.signIn.withPassword(
      { name: "ada", password: PASSWORD },
      GUEST,
      AGENT,
    );
    expect(user.lastSignInAt).toBe(house.clock.now());
    expect(session).toMatchObject({
      userName: "ada",
      address: GUEST.clientAddress,
      ...AGENT,
      current: true,
    });
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    const [row] = house.stored<{ secret_hash: string }>("SELECT * FROM sessions");
    expect(row?.secret_hash).toBe(sha256Hex(secret));
    expect(
      JSON.stringify([house.stored("SELECT * FROM sessions"), house.stored("SELECT * FROM audit")]),
    ).not.toContain(secret);
  });

  test("fails alike for a wrong password, an unknown name and a disabled user; and the refusals are counted", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("gone", "viewer");
    await house.users.update(id, { disabled: true }, AS_OWNER);
    const attempts = [
      { name: "root", password: "wrong password" },
      { name: "nobody-of-that-name", password: PASSWORD },
      { name: "gone", password: PASSWORD },
      { name: "root", password: "" },
      { name: "root", password: "x".repeat(100_000) },
    ];
    for (const attempt of attempts) {
      const error = await house.signIn.withPassword(attempt, GUEST, AGENT).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "invalid_credentials", message: "Name or password is wrong" });
    }
    await house.audit.flush();
    expect(house.stored("SELECT actor, action, outcome, count FROM audit WHERE outcome = 'denied'")).toEqual([
      { actor: "nobody", action: "session.open", outcome: "denied", count: attempts.length },
    ]);
  });

  test("takes as long for an unknown name as for a wrong password", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const medianMs = async (name: string): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 9; round++) {
        const startedAt = performance.now();
        await house.signIn
          .withPassword({ name, password: "wrong password" }, GUEST, AGENT)
          .catch(() => undefined);
        times.push(performance.now() - startedAt);
      }
      return times.sort((a, b) => a - b)[4] ?? 0;
    };
    const ratio = (await medianMs("nobody-of-that-name")) / (await medianMs("ada"));
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  test("ends the session that the browser came with: a planted one is worth nothing afterwards", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const planted = await house.enter("ada");
    const fresh = await house.signIn.withPassword({ name: "ada", password: PASSWORD }, planted.caller, AGENT);
    expect(fresh.secret).not.toBe(planted.secret);
    expect(await house.sessions.authenticate(planted.secret)).toBeUndefined();
    expect(await house.sessions.authenticate(fresh.secret)).toBeDefined();
  });

  test("a storm of attempts waits in a short queue, and the rest is told to come back", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const attempts = Array.from({ length: 50 }, (_, index) =>
      house.signIn
        .withPassword(
          { name: `person-${index}`, password: "wrong password" },
          { ...GUEST, clientAddress: `192.0.2.${index}` },
          AGENT,
        )
        .catch((error) => error.code),
    );
    const codes = await Promise.all(attempts);
    expect(codes.filter((code) => code === "rate_limited").length).toBe(50 - 34);
    expect(codes.filter((code) => code === "invalid_credentials").length).toBe(34);
  }, 30_000);

  test("keeps the newest sessions of a user when there are too many", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const first = await house.enter("ada");
    const [row] = house.stored<{ user_id: string }>("SELECT user_id FROM sessions");
    await house.state.write((tx) => {
      for (let index = 0; index < 60; index++) {
        const id = `${first.sessionId}-${String(index).padStart(2, "0")}`;
        tx.$client.run("INSERT INTO sessions VALUES (?, ?, ?, 1, 1, 9e15, '', '', NULL, NULL)", [
          id,
          row?.user_id ?? "",
          id,
        ]);
      }
    });
    const last = await house.enter("ada");
    expect(house.stored("SELECT id FROM sessions")).toHaveLength(50);
    expect(await house.sessions.authenticate(first.secret)).toBeUndefined();
    expect(await house.sessions.authenticate(last.secret)).toBeDefined();
  });
});

describe("a session ends", () => {
  test("when nobody uses it for a while", async () => {
    await using house = new AccessHouse({ "session.idleSeconds": 600 });
    await house.add("ada", "admin");
    const { secret } = await house.enter("ada");
    expect(await useFor(house, secret, 3_600_000, 9 * MINUTE_MS)).toBe(true);
    await house.clock.advance(10 * MINUTE_MS);
    expect(await house.sessions.authenticate(secret)).toBeUndefined();
  });

  test("at its absolute end, however busy", async () => {
    await using house = new AccessHouse({ "session.absoluteSeconds": 3_600 });
    await house.add("ada", "admin");
    const { secret } = await house.enter("ada");
    expect(await useFor(house, secret, 59 * MINUTE_MS, MINUTE_MS)).toBe(true);
    await house.clock.advance(MINUTE_MS);
    expect(await house.sessions.authenticate(secret)).toBeUndefined();
  });

  test("as the settings say now, not as they said at sign-in", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const { secret } = await house.enter("ada");
    house.configuration.replace([{ origin: "test", values: new Map([["session.idleSeconds", 60]]) }]);
    await house.clock.advance(MINUTE_MS);
    expect(await house.sessions.authenticate(secret)).toBeUndefined();
  });

  test("at once when it is ended by hand, and cannot be replayed", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const { secret, caller, sessionId } = await house.enter("ada");
    await house.sessions.end(sessionId, caller);
    expect(await house.sessions.authenticate(secret)).toBeUndefined();
    await expect(house.sessions.end(sessionId, caller)).rejects.toEqual(code("session_not_found"));
  });

  test("and is not kept alive by a lookup that began before it ended", async () => {
    await using house = new AccessHouse();
    await house.add("ada", "admin");
    const { secret, caller, sessionId } = await house.enter("ada");
    await house.enter("ada");
    const [during] = await Promise.all([
      house.sessions.authenticate(secret),
      house.sessions.end(sessionId, caller),
    ]);
    expect(during).toBeDefined();
    expect(await house.sessions.authenticate(secret)).toBeUndefined();
  });

  test("its row goes with the next cleaning; a live one stays", async () => {
    await using house = new AccessHouse({ "session.idleSeconds": 600 });
    await house.add("ada", "admin");
    const [old, live] = [await house.enter("ada"), await house.enter("ada")];
    expect(await useFor(house, live.secret, 20 * MINUTE_MS, 5 * MINUTE_MS)).toBe(true);
    await house.sessions.removeEnded();
    expect(house.stored<{ id: string }>("SELECT id FROM sessions").map((row) => row.id)).toEqual([
      live.sessionId,
    ]);
    expect(await house.sessions.authenticate(old.secret)).toBeUndefined();
  });
});

test("a verified session costs no SQL, and the time it was last seen is written together, later", async () => {
  await using house = new AccessHouse();
  await house.add("ada", "admin");
  const { secret, caller } = await house.enter("ada");
  const seen = () =>
    house.stored<{ last_seen_at: number }>("SELECT last_seen_at FROM sessions")[0]?.last_seen_at;
  const begunAt = house.clock.now();
  await house.clock.advance(MINUTE_MS);
  await house.state.close();
  for (let request = 0; request < 100; request++)
    expect(await house.sessions.authenticate(secret)).toBeDefined();
  await house.state.reopen();
  expect(seen()).toBe(begunAt);
  expect((await house.sessions.list({ limit: 10 }, caller)).items[0]?.lastSeenAt).toBe(begunAt + MINUTE_MS);
  await house.sessions.flushLastSeen();
  expect(seen()).toBe(begunAt + MINUTE_MS);
});

describe("whose sessions one sees and ends", () => {
  test("one's own; everybody's with users:read and users:write", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.add("ada", "viewer");
    const [root, ada] = [await house.enter("root"), await house.enter("ada")];
    const names = async (caller: typeof root.caller) =>
      (await house.sessions.list({ limit: 10 }, caller)).items.map(({ userName, current }) => [
        userName,
        current,
      ]);
    expect(await names(ada.caller)).toEqual([["ada", true]]);
    expect(await names(root.caller)).toEqual([
      ["ada", false],
      ["root", true],
    ]);
    await expect(house.sessions.end(root.sessionId, ada.caller)).rejects.toEqual(code("session_not_found"));
    await expect(house.sessions.get(root.sessionId, ada.caller)).rejects.toEqual(code("session_not_found"));
    await house.sessions.end(ada.sessionId, root.caller);
    expect(await house.sessions.authenticate(ada.secret)).toBeUndefined();
  });

  test("a token sees none without the scope, not even its owner's; nobody sees none", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    const token = await house.issue(caller, "metrics:read");
    await expect(house.sessions.list({ limit: 10 }, token.caller)).rejects.toEqual(code("scope_missing"));
    await expect(house.sessions.list({ limit: 10 }, GUEST)).rejects.toEqual(code("unauthenticated"));
  });
});
