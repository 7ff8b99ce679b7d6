import { beforeEach, describe, expect, test } from "bun:test";
import type { LiveSample } from "../../../web/data/live.ts";
import { PluginWatch } from "../../../web/data/plugin-watch.ts";
import type { Plugin } from "../../../web/data/plugins-types.ts";
import { ApiProblem } from "../../../web/data/problem.ts";
import type { SessionState } from "../../../web/data/session.ts";
import { Observable } from "../../../web/lib/observable.ts";
import { fakePlugin } from "../../support/fake-plugins.ts";

const SIGNED_IN = { kind: "signed-in" } as SessionState;

/** A watch whose rights, changes, time and answers are the test's. */
class House {
  readonly sample = new Observable<LiveSample | undefined>(undefined);
  readonly state = new Observable<SessionState>({ kind: "unknown" });
  answer: () => Promise<Plugin[]> = async () => [fakePlugin()];
  canRead = true;
  asked = 0;
  isFollowing = false;
  nowMs = 1_000_000;
  hear: () => void = () => {};
  #due: (() => void)[] = [];
  readonly watch = new PluginWatch({
    plugins: {
      list: () => {
        this.asked++;
        return this.answer();
      },
      sandbox: async () => ({ level: "full", isRequired: true, message: "" }),
    },
    session: { can: () => this.canRead && this.state.value.kind === "signed-in", state: this.state },
    live: { sample: this.sample, now: () => this.nowMs },
    changes: {
      follow: (_subscription, onData) => {
        this.isFollowing = true;
        this.hear = () => onData(undefined);
      },
      stop: () => {
        this.isFollowing = false;
      },
    },
    after: (_delayMs, run) => {
      this.#due.push(run);
      return () => undefined;
    },
  });

  async passGathering(): Promise<void> {
    for (const run of this.#due.splice(0)) run();
    await settle();
  }

  async sampleAfter(ms: number): Promise<void> {
    this.nowMs += ms;
    this.sample.set({ at: this.nowMs, values: new Map() });
    await settle();
  }
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

let house: House;
beforeEach(() => {
  house = new House();
});

describe("all plugins as they are now", () => {
  test("are asked for when somebody comes who may see them, and forgotten when they leave", async () => {
    expect(house.watch.plugins.value).toBeUndefined();
    house.state.set(SIGNED_IN);
    await settle();
    expect(house.watch.plugins.value?.map(({ id }) => id)).toEqual(["echo"]);
    expect(house.watch.sandbox.value?.level).toBe("full");
    house.state.set({ kind: "guest" });
    expect([house.watch.plugins.value, house.isFollowing]).toEqual([undefined, false]);
  });

  test("whoever may not see them is not asked about", async () => {
    house.canRead = false;
    house.state.set(SIGNED_IN);
    await house.sampleAfter(60_000);
    expect([house.asked, house.isFollowing]).toEqual([0, false]);
  });

  test("changes that come together are asked for together", async () => {
    house.state.set(SIGNED_IN);
    await settle();
    for (let change = 0; change < 50; change++) house.hear();
    expect(house.asked).toBe(1);
    await house.passGathering();
    expect([house.asked, house.watch.changed.value]).toEqual([2, 1]);
  });

  test("figures are asked for with the live samples, not with each", async () => {
    house.state.set(SIGNED_IN);
    await settle();
    await house.sampleAfter(5_000);
    await house.sampleAfter(5_000);
    expect(house.asked).toBe(1);
    await house.sampleAfter(5_000);
    expect(house.asked).toBe(2);
  });

  test("a server that was told to run without plugins is not asked again and again", async () => {
    house.answer = async () => {
      throw new ApiProblem({ code: "not_found", status: 404, title: "Not found", detail: "" });
    };
    house.state.set(SIGNED_IN);
    await settle();
    await house.sampleAfter(60_000);
    await house.sampleAfter(60_000);
    expect(house.asked).toBe(1);
  });

  test("a refusal is told and leaves what was known", async () => {
    house.state.set(SIGNED_IN);
    await settle();
    house.answer = async () => {
      throw new Error("down");
    };
    await house.watch.look();
    expect(house.watch.problem.value?.detail).toBe("down");
    expect(house.watch.plugins.value).toHaveLength(1);
  });
});
