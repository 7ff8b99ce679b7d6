import { beforeEach, describe, expect, test } from "bun:test";
import { type AlertChange, AlertWatch, MAX_OPEN_KEPT } from "../../../web/data/alert-watch.ts";
import type { Alert } from "../../../web/data/alerts-types.ts";
import { ApiProblem } from "../../../web/data/problem.ts";
import type { SessionState } from "../../../web/data/session.ts";
import { Observable } from "../../../web/lib/observable.ts";
import { fakeAlert } from "../../support/fake-alerts.ts";

const SIGNED_IN = { kind: "signed-in" } as SessionState;
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A watch whose rights, changes, time and answers are the test's. */
class House {
  readonly state = new Observable<SessionState>({ kind: "unknown" });
  known: Alert[] = [];
  isCut = false;
  failure: Error | undefined;
  /** What the answer waits for on its way. */
  way = Promise.resolve();
  canRead = true;
  asked = 0;
  isFollowing = false;
  tell: (change: AlertChange) => void = () => {};
  connect: () => void = () => {};
  #due: (() => void)[] = [];
  readonly watch = new AlertWatch({
    alerts: {
      listWorst: async () => {
        this.asked += 1;
        if (this.failure) throw this.failure;
        const answer = { items: this.known, isCut: this.isCut };
        await this.way;
        return answer;
      },
    },
    session: { can: () => this.canRead && this.state.value.kind === "signed-in", state: this.state },
    changes: {
      follow: (_subscription, onData, onOpen = () => {}) => {
        this.isFollowing = true;
        this.tell = onData;
        this.connect = onOpen;
      },
      stop: () => {
        this.isFollowing = false;
      },
    },
    after: (_delayMs, run) => this.#due.push(run),
  });

  get messages(): string[] {
    return (this.watch.open.value ?? []).map(({ message }) => message);
  }

  async signIn(): Promise<void> {
    this.state.set(SIGNED_IN);
    await settle();
  }

  pass(): void {
    for (const run of this.#due.splice(0)) run();
  }
}

describe("open alerts", () => {
  let house: House;
  beforeEach(() => {
    house = new House();
  });

  test("are asked for once there is somebody who may see them, and forgotten when they leave", async () => {
    house.known = [fakeAlert({ message: "one" })];
    expect(house.watch.open.value).toBeUndefined();
    await house.signIn();
    expect([house.messages, house.isFollowing]).toEqual([["one"], true]);
    house.state.set({ kind: "guest" });
    expect([house.watch.open.value, house.isFollowing]).toEqual([undefined, false]);
  });

  test("nobody asks for who may not see them", async () => {
    house.canRead = false;
    await house.signIn();
    expect([house.asked, house.isFollowing]).toEqual([0, false]);
  });

  test("one that is raised appears, one that is resolved leaves; what comes together is told once", async () => {
    const old = fakeAlert({ message: "old" });
    house.known = [old];
    await house.signIn();
    let told = 0;
    house.watch.changed.subscribe(() => {
      told += 1;
    });
    house.tell({ alertChanged: fakeAlert({ message: "new" }) });
    house.tell({ alertChanged: { ...old, state: "resolved", stateChangedAt: "2030-01-01T00:01:00.000Z" } });
    expect(house.messages).toEqual(["old"]);
    house.pass();
    expect([house.messages, told]).toEqual([["new"], 1]);
  });

  test("in a storm, whoever looks again is told at once, then once for all that follows", async () => {
    await house.signIn();
    let told = 0;
    house.watch.changed.subscribe(() => {
      told += 1;
    });
    const hear = (message: string): void => {
      house.tell({ alertChanged: fakeAlert({ message }) });
      house.pass();
    };
    hear("first");
    expect(told).toBe(1);
    house.tell({ alertChanged: fakeAlert({ message: "second" }) });
    house.tell({ alertChanged: fakeAlert({ message: "third" }) });
    house.pass();
    expect([house.messages, told]).toEqual([["first", "second", "third"], 2]);
    house.pass();
    expect(told).toBe(2);
  });

  test("what was heard before the first answer came is not undone by it", async () => {
    const alert = fakeAlert({ message: "was firing" });
    house.known = [alert];
    house.state.set(SIGNED_IN);
    house.tell({ alertChanged: { ...alert, state: "resolved", stateChangedAt: "2030-01-01T00:01:00.000Z" } });
    await settle();
    expect(house.messages).toEqual([]);
  });

  test("what is heard while an answer is on its way is not undone by it, however long that takes", async () => {
    const over = fakeAlert({ message: "over" });
    house.known = [over];
    await house.signIn();
    const { promise, resolve } = Promise.withResolvers<void>();
    house.way = promise;
    house.connect();
    house.tell({ alertChanged: fakeAlert({ message: "raised meanwhile" }) });
    house.tell({ alertChanged: { ...over, state: "resolved", stateChangedAt: "2030-01-01T00:01:00.000Z" } });
    house.pass();
    expect(house.messages).toEqual(["raised meanwhile"]);
    resolve();
    await settle();
    expect(house.messages).toEqual(["raised meanwhile"]);
  });

  test("what one reader heard is not told to the next", async () => {
    await house.signIn();
    house.tell({ alertChanged: fakeAlert({ message: "not for everybody" }) });
    house.state.set({ kind: "guest" });
    house.pass();
    await house.signIn();
    house.pass();
    expect(house.messages).toEqual([]);
  });

  test("of a storm that goes on the worst are kept", async () => {
    await house.signIn();
    for (let told = 0; told < MAX_OPEN_KEPT; told++)
      house.tell({ alertChanged: fakeAlert({ message: "small", severity: "LOW" }) });
    house.pass();
    house.tell({ alertChanged: fakeAlert({ message: "great", severity: "CRITICAL" }) });
    house.pass();
    expect([house.messages.length, house.messages.includes("great"), house.watch.isCut]).toEqual([
      MAX_OPEN_KEPT,
      true,
      true,
    ]);
  });

  test("what is heard late does not undo what is newer", async () => {
    const alert = fakeAlert({ state: "acknowledged", stateChangedAt: "2030-01-01T00:02:00.000Z" });
    house.known = [alert];
    await house.signIn();
    house.tell({ alertChanged: { ...alert, state: "firing", stateChangedAt: "2030-01-01T00:01:00.000Z" } });
    house.pass();
    expect(house.watch.open.value?.[0]?.state).toBe("acknowledged");
  });

  test("each connection asks anew: what happened meanwhile is in the answer", async () => {
    await house.signIn();
    house.known = [fakeAlert({ message: "missed" })];
    house.connect();
    await settle();
    expect(house.messages).toEqual(["missed"]);
  });

  test("a failure is kept with what was known", async () => {
    house.known = [fakeAlert({ message: "known" })];
    await house.signIn();
    house.failure = new ApiProblem({ code: "internal", status: 500, title: "Broken", detail: "" });
    await house.watch.look();
    expect([house.messages, house.watch.problem.value?.code]).toEqual([["known"], "internal"]);
    house.failure = undefined;
    await house.watch.look();
    expect(house.watch.problem.value).toBeUndefined();
  });
});
