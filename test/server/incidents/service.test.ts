import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/errors/app-error.ts";
import { MAX_GROUPS } from "../../../server/incidents/tally.ts";
import { DAY_MS, ErrorCentre, MINUTE_MS, QUIET } from "./error-centre.ts";

const broken = (words: string): Error => new Error(words);
const WHERE = { where: "GET /api/v3/users" };
const HOUR_MS = 60 * MINUTE_MS;
const nothing = async (): Promise<void> => undefined;

describe("recording", () => {
  test("counts the same failure once, with when, where and for whom it came last", async () => {
    await using centre = new ErrorCentre();
    const { incidents, clock } = centre;
    const begin = clock.now();
    for (let round = 0; round < 3; round++) {
      incidents.record(broken(`row ${round}`), {
        where: `GET /${round}`,
        correlationId: `c-${round}`,
        principal: "ann",
      });
      await clock.advance(1_000);
    }
    const [incident, ...rest] = await centre.all();
    expect(rest).toEqual([]);
    expect(incident).toMatchObject({
      code: "internal",
      kind: "internal",
      state: "open",
      count: 3,
      place: "GET /2",
      firstSeenAt: begin,
      lastSeenAt: begin + 2_000,
    });
    expect(incident?.occurrences.map(({ correlationId }) => correlationId)).toEqual(["c-2", "c-1", "c-0"]);
    expect(incident?.cause).toContain("row 0");
    expect(incident?.hours).toHaveLength(24);
    expect(incident?.hours.at(-1)).toBe(3);
  });

  test("adds to what was written before; the hours keep their counts", async () => {
    await using centre = new ErrorCentre();
    const { incidents, clock } = centre;
    for (let round = 0; round < 3; round++) {
      incidents.record(broken("gone"), WHERE);
      await incidents.flush();
      await clock.advance(HOUR_MS);
    }
    const [incident] = await centre.all();
    expect(incident?.count).toBe(3);
    expect(incident?.hours.slice(-4)).toEqual([1, 1, 1, 0]);
  });

  test("keeps a bounded number of occurrences, and no secret", async () => {
    await using centre = new ErrorCentre((text) => text.replaceAll("hunter22", "[redacted]"));
    for (let round = 0; round < 50; round++) {
      centre.incidents.record(
        new AppError("outbound_failed", "With hunter22 it failed.", { cause: broken("sent hunter22") }),
        { where: "POST /hunter22", correlationId: `c-${round}` },
      );
    }
    const [incident] = await centre.all();
    expect(incident?.occurrences).toHaveLength(20);
    expect(incident?.occurrences[0]?.correlationId).toBe("c-49");
    expect(JSON.stringify(incident)).not.toContain("hunter22");
    expect(incident?.message).toBe("With [redacted] it failed.");
  });

  test("ever new failures fill no memory: beyond a limit they are gathered by code", async () => {
    await using centre = new ErrorCentre();
    const words = (index: number): string =>
      [...String(index)].map((digit) => "abcdefghij"[Number(digit)]).join("");
    for (let round = 0; round < MAX_GROUPS + 100; round++) {
      centre.incidents.record(broken(`kind ${words(round)}`), WHERE);
    }
    await centre.incidents.flush();
    const rows = centre.database.reader.$client
      .query<{ count: number }, []>("SELECT count FROM incidents")
      .all();
    expect(rows).toHaveLength(MAX_GROUPS + 1);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(MAX_GROUPS + 100);
  });

  test("writing many lets requests have their turn in between", async () => {
    await using centre = new ErrorCentre();
    for (const first of "abcdefghij") {
      for (const second of "klmnopqrst") centre.incidents.record(broken(`${first}${second}`), WHERE);
    }
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await centre.incidents.flush();
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(100 / 10);
  });

  test("what cannot be written is kept and written with what came meanwhile", async () => {
    await using centre = new ErrorCentre();
    const { incidents, database } = centre;
    incidents.record(broken("gone"), { ...WHERE, correlationId: "first" });
    incidents.countAnswer(undefined);
    await database.close();
    const refused = await incidents.flush().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "not_ready" });
    incidents.record(broken("gone"), { ...WHERE, correlationId: "second" });
    await database.reopen();
    const [incident] = await centre.all();
    expect(incident?.count).toBe(2);
    expect(incident?.occurrences.map(({ correlationId }) => correlationId)).toEqual(["second", "first"]);
    expect((await incidents.summary()).answered).toBe(1);
  });

  test("answers are counted, refusals by code, failures apart", async () => {
    await using centre = new ErrorCentre();
    const { incidents, clock } = centre;
    incidents.countAnswer(undefined);
    await incidents.flush();
    await clock.advance(25 * HOUR_MS);
    for (let round = 0; round < 5; round++) incidents.countAnswer(undefined);
    for (let round = 0; round < 2; round++) incidents.countAnswer("not_found");
    incidents.record(broken("gone"), WHERE);
    await incidents.flush();
    expect(await incidents.summary()).toEqual({
      answered: 7,
      refused: [{ code: "not_found", count: 2 }],
      failures: 1,
      states: { open: 1, reopened: 0, resolved: 0, ignored: 0 },
    });
  });
});

describe("the life of an incident", () => {
  test("resolved, it is reopened by the next occurrence, not by one from before", async () => {
    await using centre = new ErrorCentre();
    const { incidents, clock } = centre;
    incidents.record(broken("gone"), WHERE);
    const id = (await centre.all())[0]?.id ?? "";
    incidents.record(broken("gone"), WHERE);
    await clock.advance(1);
    const resolved = await incidents.setState(id, "resolved", "ann", nothing);
    expect(resolved).toMatchObject({ state: "resolved", stateChangedBy: "ann", stateChangedAt: clock.now() });
    expect((await centre.all())[0]).toMatchObject({ state: "resolved", count: 2, regressions: 0 });
    await clock.advance(1);
    incidents.record(broken("gone"), WHERE);
    expect((await centre.all())[0]).toMatchObject({ state: "reopened", count: 3, regressions: 1 });
    incidents.record(broken("gone"), WHERE);
    expect((await centre.all())[0]).toMatchObject({ state: "reopened", count: 4, regressions: 1 });
  });

  test("ignored, it counts on in silence", async () => {
    await using centre = new ErrorCentre();
    centre.rules = { ...QUIET, escalation: { ...QUIET.escalation, count: 1, firstInternal: true } };
    centre.incidents.record(broken("gone"), WHERE);
    const id = (await centre.all())[0]?.id ?? "";
    await centre.incidents.setState(id, "ignored", "ann", nothing);
    await centre.clock.advance(2 * HOUR_MS);
    centre.incidents.record(broken("gone"), WHERE);
    expect((await centre.all())[0]).toMatchObject({ state: "ignored", count: 2 });
    expect(centre.escalated).toHaveLength(1);
  });

  test("a change of state and what belongs to it happen both or not at all; an unknown id is said to be unknown", async () => {
    await using centre = new ErrorCentre();
    const { incidents } = centre;
    incidents.record(broken("gone"), WHERE);
    const id = (await centre.all())[0]?.id ?? "";
    const fails = async (): Promise<void> => {
      throw new Error("no audit");
    };
    expect(incidents.setState(id, "resolved", "ann", fails)).rejects.toThrow("no audit");
    expect((await centre.all())[0]?.state).toBe("open");
    expect(incidents.setState("0000", "resolved", "ann", nothing)).rejects.toMatchObject({
      code: "incident_not_found",
    });
  });

  test("what was not seen for long goes; beyond the cap the settled go first, then the oldest", async () => {
    await using centre = new ErrorCentre();
    const { incidents, clock } = centre;
    const names = ["one", "two", "three", "four"];
    for (const name of names) {
      incidents.record(broken(name), WHERE);
      await clock.advance(DAY_MS);
      await incidents.flush();
    }
    const latest = (await centre.all())[0]?.id ?? "";
    await incidents.setState(latest, "resolved", "ann", nothing);
    centre.rules = { ...QUIET, maxIncidents: 2 };
    await incidents.clean();
    expect((await centre.all()).map(({ cause }) => /Error: (\w+)/.exec(cause)?.[1])).toEqual([
      "three",
      "two",
    ]);
    await clock.advance(31 * DAY_MS);
    await incidents.clean();
    expect(await centre.all()).toEqual([]);
  });
});

describe("escalation", () => {
  const loud = { ...QUIET, escalation: { ...QUIET.escalation, count: 10, firstInternal: true } };

  test("a fault of our own is told the first time and when it comes back, no more often than allowed", async () => {
    await using centre = new ErrorCentre();
    const { incidents, clock, escalated } = centre;
    centre.rules = loud;
    incidents.record(broken("gone"), WHERE);
    const id = (await centre.all())[0]?.id ?? "";
    expect(escalated).toMatchObject([{ reason: "first", incident: { id, code: "internal", count: 1 } }]);
    await incidents.setState(id, "resolved", "ann", nothing);
    await clock.advance(MINUTE_MS);
    incidents.record(broken("gone"), WHERE);
    await incidents.flush();
    expect(escalated).toHaveLength(1);
    await incidents.setState(id, "resolved", "ann", nothing);
    await clock.advance(HOUR_MS);
    incidents.record(broken("gone"), WHERE);
    await incidents.flush();
    expect(escalated.map(({ reason }) => reason)).toEqual(["first", "regression"]);
  });

  test("anything else is told when it comes too often within the window", async () => {
    await using centre = new ErrorCentre();
    const { incidents, clock, escalated } = centre;
    centre.rules = loud;
    const fail = async (times: number): Promise<void> => {
      for (let round = 0; round < times; round++) incidents.record(new AppError("timed_out"), WHERE);
      await incidents.flush();
    };
    await fail(9);
    await clock.advance(6 * MINUTE_MS);
    await fail(9);
    expect(escalated).toEqual([]);
    await clock.advance(MINUTE_MS);
    await fail(1);
    expect(escalated).toMatchObject([{ reason: "rate", incident: { code: "timed_out", count: 19 } }]);
    await fail(500);
    expect(escalated).toHaveLength(1);
  });

  test("a server that fails everywhere does not say so for each failure", async () => {
    await using centre = new ErrorCentre();
    centre.rules = loud;
    for (const letter of "abcdefghijklmnopqrstuvwxyz") {
      for (const second of "xyz") centre.incidents.record(broken(`${letter}${second}`), WHERE);
    }
    await centre.incidents.flush();
    expect(centre.escalated).toHaveLength(30);
  });

  test("when it cannot be told, nothing is counted twice", async () => {
    await using centre = new ErrorCentre();
    centre.rules = loud;
    let isDown = true;
    centre.incidents.onEscalation(async () => {
      if (isDown) throw new AppError("overloaded");
    });
    centre.incidents.record(broken("gone"), WHERE);
    expect(centre.incidents.flush()).rejects.toMatchObject({ code: "overloaded" });
    isDown = false;
    expect(await centre.all()).toMatchObject([{ count: 1 }]);
  });
});
