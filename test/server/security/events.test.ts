import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/errors/app-error.ts";
import type { Event } from "../../../server/events/event.ts";
import { Recorder } from "../../../server/security/recorder.ts";
import { AccessHouse, AGENT, AS_OWNER, GUEST, PASSWORD } from "../../support/access.ts";
import { startApp } from "../../support/start-app.ts";

const OTHER_PASSWORD = "another horse battery";
const MINUTE_MS = 60_000;

/** The events that `act` brings forth, in order; whether it succeeds makes no difference. */
async function eventsOf(house: AccessHouse, act: () => Promise<unknown>): Promise<Event[]> {
  const { items: before } = await house.events.list({ limit: 1 });
  await act().catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
  });
  // What is published apart is written by an earlier unit of work than this one.
  await house.state.write(async () => undefined);
  return (await house.events.list({ limit: 500, since: before[0]?.seq ?? 0 })).items;
}

const said = (events: readonly Event[]) => events.map(({ type, payload }) => ({ type, payload }));
const typesOf = (events: readonly Event[]) => events.map(({ type }) => type);

/** An administrator and a viewer. */
async function peopledHouse() {
  const house = new AccessHouse();
  const root = await house.add("root", "admin");
  const ann = await house.add("ann", "viewer");
  return { house, root, ann };
}

describe("a change tells whoever listens", () => {
  test("that a user was made, with the correlation id of the request", async () => {
    await using house = new AccessHouse();
    const events = await eventsOf(house, () => house.add("ada", "admin"));
    const userId = (await house.users.list({ limit: 1 })).items[0]?.id;
    expect(events).toMatchObject([
      {
        type: "user.created",
        source: "binnacle",
        correlationId: "test-correlation",
        payload: { userId, name: "ada", role: "admin" },
      },
    ]);
  });

  test("which fields of a user changed; the same value again is no change", async () => {
    const { house, ann } = await peopledHouse();
    await using _ = house;
    const [userId, name] = [ann.id, "ann"];
    const toOperator = () => house.users.update(ann.id, { role: "operator", disabled: false }, AS_OWNER);
    expect(said(await eventsOf(house, toOperator))).toEqual([
      { type: "user.changed", payload: { userId, name, fields: ["role"] } },
    ]);
    expect(await eventsOf(house, toOperator)).toEqual([]);
    expect(await eventsOf(house, () => house.users.update(ann.id, {}, AS_OWNER))).toEqual([]);
  });

  test.each(["disabled", "removed"] as const)(
    "which sessions and tokens end with a user who is %s",
    async (end) => {
      const { house, ann } = await peopledHouse();
      await using _ = house;
      const { caller, sessionId } = await house.enter("ann");
      const { id: tokenId } = await house.issue(caller, "metrics:read");
      const [userId, userName] = [ann.id, "ann"];
      const events = await eventsOf(house, async () =>
        end === "removed"
          ? house.users.remove(ann.id, AS_OWNER)
          : house.users.update(ann.id, { disabled: true }, AS_OWNER),
      );
      expect(said(events)).toEqual([
        end === "removed"
          ? { type: "user.removed", payload: { userId, name: userName } }
          : { type: "user.changed", payload: { userId, name: userName, fields: ["disabled"] } },
        { type: "session.ended", payload: { sessionId, userId, userName, reason: `user_${end}` } },
        { type: "token.revoked", payload: { tokenId, name: "test", userName } },
      ]);
    },
  );

  test("that a password changed, and which sessions ended by it: not the one that asks", async () => {
    const { house, ann } = await peopledHouse();
    await using _ = house;
    const other = await house.enter("ann");
    const { caller } = await house.enter("ann");
    const change = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    const events = await eventsOf(house, () => house.userPasswords.change(ann.id, change, caller));
    const [userId, userName, reason] = [ann.id, "ann", "password_changed"];
    expect(said(events)).toEqual([
      { type: "user.password_changed", payload: { userId, name: userName } },
      { type: "session.ended", payload: { sessionId: other.sessionId, userId, userName, reason } },
    ]);
  });

  test("that a password was reset by a link; making the link is no change", async () => {
    const { house, ann } = await peopledHouse();
    await using _ = house;
    let token = "";
    const issuing = async () => {
      ({ token } = await house.passwordReset.issue(ann.id, AS_OWNER));
    };
    expect(await eventsOf(house, issuing)).toEqual([]);
    const events = await eventsOf(house, () => house.passwordReset.complete(token, OTHER_PASSWORD, GUEST));
    expect(said(events)).toEqual([
      { type: "user.password_changed", payload: { userId: ann.id, name: "ann" } },
    ]);
    expect(JSON.stringify(events)).not.toContain(token);
  });

  test("of the first administrator and their session at set-up", async () => {
    await using house = new AccessHouse();
    const { token } = await house.setup.issue(AS_OWNER);
    const input = { token, name: "ada", password: PASSWORD };
    const events = await eventsOf(house, () => house.setup.complete(input, GUEST, AGENT));
    expect(typesOf(events)).toEqual(["user.created", "session.started"]);
  });

  test("that sessions begin and end, and why", async () => {
    const { house, ann } = await peopledHouse();
    await using _ = house;
    const [userId, userName] = [ann.id, "ann"];
    const input = { name: "ann", password: PASSWORD };
    const started = await eventsOf(house, () => house.signIn.withPassword(input, GUEST, AGENT));
    expect(started).toMatchObject([
      { type: "session.started", payload: { userId, userName, address: GUEST.clientAddress } },
    ]);

    const { caller, sessionId } = await house.enter("ann");
    const replaced = await eventsOf(house, () => house.signIn.withPassword(input, caller, AGENT));
    expect(replaced).toMatchObject([
      { type: "session.ended", payload: { sessionId, userId, userName, reason: "replaced" } },
      { type: "session.started" },
    ]);

    const own = await house.enter("ann");
    const signedOut = await eventsOf(house, () => house.sessions.end(own.sessionId, own.caller));
    expect(signedOut).toMatchObject([{ payload: { sessionId: own.sessionId, reason: "signed_out" } }]);

    const last = await house.enter("ann");
    const one = await eventsOf(house, () => house.sessions.end(last.sessionId, AS_OWNER));
    expect(one).toMatchObject([{ payload: { sessionId: last.sessionId, reason: "revoked" } }]);
    const all = await eventsOf(house, () => house.sessions.endOthers(ann.id, AS_OWNER));
    expect(all.map(({ payload }) => payload)).toMatchObject([{ reason: "revoked" }, { reason: "revoked" }]);
    expect(await eventsOf(house, () => house.sessions.endOthers(ann.id, AS_OWNER))).toEqual([]);
  });

  test("that a session beyond the fiftieth ends the oldest", async () => {
    const { house, ann } = await peopledHouse();
    await using _ = house;
    const first = await house.enter("ann");
    for (let count = 1; count < 50; count++) {
      await house.sessions.begin(GUEST, "Test/1.0", { by: "password" }, async () => ann);
    }
    const events = await eventsOf(house, () => house.enter("ann"));
    expect(events).toMatchObject([
      { type: "session.ended", payload: { sessionId: first.sessionId, reason: "too_many" } },
      { type: "session.started" },
    ]);
  });

  test("that tokens are made and revoked, never their secrets", async () => {
    const { house } = await peopledHouse();
    await using _ = house;
    const { caller } = await house.enter("ann");
    let made = { secret: "", id: "" };
    const created = await eventsOf(house, async () => {
      made = await house.issue(caller, "metrics:read");
    });
    const token = { tokenId: made.id, name: "test", userName: "ann" };
    expect(said(created)).toEqual([
      { type: "token.created", payload: { ...token, scopes: ["metrics:read"] } },
    ]);
    const revoked = await eventsOf(house, () => house.tokens.revoke(made.id, caller));
    expect(said(revoked)).toEqual([{ type: "token.revoked", payload: token }]);
    const { items } = await house.events.list({ limit: 500 });
    for (const secret of [PASSWORD, made.secret]) expect(JSON.stringify(items)).not.toContain(secret);
  });

  test("that roles are made, changed and removed", async () => {
    const { house } = await peopledHouse();
    await using _ = house;
    const events = await eventsOf(house, async () => {
      await house.roles.create({ name: "auditor", description: "", scopes: ["audit:read"] }, AS_OWNER);
      await house.roles.update("auditor", { description: "Reads" }, AS_OWNER);
      await house.roles.remove("auditor", AS_OWNER);
    });
    expect(said(events)).toEqual(
      ["created", "changed", "removed"].map((change) => ({
        type: "role.changed",
        payload: { name: "auditor", change },
      })),
    );
  });
});

describe("what did not happen is told to nobody", () => {
  test("refused verbs publish nothing", async () => {
    const { house, root } = await peopledHouse();
    await using _ = house;
    const { caller, sessionId } = await house.enter("ann");
    const own = await house.enter("root");
    const tried: (() => Promise<unknown>)[] = [
      () => house.users.create({ name: "eve", password: PASSWORD, role: "admin" }, caller),
      () => house.users.create({ name: "ANN", password: PASSWORD, role: "viewer" }, AS_OWNER),
      () => house.users.update(root.id, { disabled: true }, caller),
      () => house.users.remove(root.id, caller),
      () => house.userPasswords.change(root.id, { newPassword: OTHER_PASSWORD }, caller),
      () => house.sessions.end(own.sessionId, caller),
      () => house.tokens.create({ name: "t", scopes: ["users:admin"], expiresInDays: null }, caller),
      () => house.tokens.revoke(sessionId, caller),
      () => house.roles.create({ name: "all", description: "", scopes: ["*"] }, caller),
      () => house.roles.remove("absent", AS_OWNER),
    ];
    for (const act of tried) expect(await eventsOf(house, act)).toEqual([]);
  });

  test("a unit of work that is rolled back takes its events with it, as its lines of the audit log", async () => {
    const { house, root } = await peopledHouse();
    await using _ = house;
    await house.enter("root");
    const lines = () => house.stored("SELECT * FROM audit").length;
    const linesBefore = lines();
    // Found out after the sessions were ended: root is the last administrator.
    expect(await eventsOf(house, () => house.users.remove(root.id, AS_OWNER))).toEqual([]);
    expect(await eventsOf(house, () => house.users.update(root.id, { disabled: true }, AS_OWNER))).toEqual(
      [],
    );
    const row = await house.users.draft({ name: "eve", password: PASSWORD, role: "viewer" });
    const later = () =>
      house.state.write(async (tx) => {
        await house.users.add(tx, row, AS_OWNER);
        throw new AppError("internal", "Something later in the unit failed.");
      });
    expect(await eventsOf(house, later)).toEqual([]);
    expect(lines()).toBe(linesBefore);
    expect(await house.users.count()).toBe(2);
  });

  test("an event that cannot be written undoes the change", async () => {
    const { house } = await peopledHouse();
    await using _ = house;
    const lines = house.stored("SELECT * FROM audit").length;
    await house.state.write(async (tx) => {
      tx.$client.run("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no room'); END");
    });
    await expect(house.add("eve", "viewer")).rejects.toBeDefined();
    expect(await house.users.count()).toBe(2);
    expect(house.stored("SELECT * FROM audit")).toHaveLength(lines);
  });
});

describe("guessing", () => {
  const guess = (house: AccessHouse, name: string, clientAddress = "192.0.2.7") =>
    house.signIn
      .withPassword({ name, password: "wrong" }, { ...GUEST, clientAddress }, AGENT)
      .catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
      });

  test("is told once a minute for each name and address, and not for a slip", async () => {
    const { house } = await peopledHouse();
    await using _ = house;
    const tries = (count: number, address?: string) => async () => {
      for (let i = 0; i < count; i++) await guess(house, "ann", address);
    };
    await house.clock.advance(MINUTE_MS - (house.clock.now() % MINUTE_MS));
    expect(await eventsOf(house, tries(4))).toEqual([]);
    expect(said(await eventsOf(house, tries(20)))).toEqual([
      { type: "session.refused", payload: { name: "ann", address: "192.0.2.7" } },
    ]);
    expect(await eventsOf(house, tries(20))).toEqual([]);
    const elsewhere = await eventsOf(house, tries(20, "198.51.100.9"));
    expect(elsewhere).toMatchObject([{ payload: { name: "ann", address: "198.51.100.9" } }]);
    await house.clock.advance(MINUTE_MS);
    expect(await eventsOf(house, tries(20))).toHaveLength(1);
  });

  test("does not repeat what nobody's name is: it may be a password", async () => {
    const { house } = await peopledHouse();
    await using _ = house;
    const tries = async () => {
      for (let i = 0; i < 25; i++) await guess(house, `hunter${i}`);
    };
    expect(said(await eventsOf(house, tries))).toEqual([
      { type: "session.refused", payload: { name: "", address: "192.0.2.7" } },
    ]);
  });

  test("from everywhere is told a hundred times a minute at most", async () => {
    await using house = new AccessHouse();
    const recorder = new Recorder(house.audit, house.events, house.clock);
    const tries = async () => {
      for (let host = 0; host < 200; host++) {
        recorder.tellOfGuessing("ann", { ...GUEST, clientAddress: `203.0.113.${host}` });
      }
    };
    expect(await eventsOf(house, tries)).toHaveLength(100);
  });
});

test("the list of events shows over REST what a request did", async () => {
  await using app = await startApp();
  const admin = await app.session("admin");
  const answer = await admin
    .with({ "x-correlation-id": "the-request" })
    .send("POST", "/api/v3/users", { name: "eve", password: PASSWORD, role: "viewer" });
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  const listed = await admin.get("/api/v3/events?types=user.created&limit=1");
  expect(await listed.json()).toMatchObject({
    items: [
      {
        type: "user.created",
        source: "binnacle",
        correlationId: "the-request",
        payload: { userId: id, name: "eve", role: "viewer" },
      },
    ],
  });
});
