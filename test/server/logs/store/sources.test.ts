import { describe, expect, test } from "bun:test";
import type { Sender } from "../../../../server/logs/line.ts";
import { LogFixture } from "../log-fixture.ts";

const MOST_SENT = 100;
const MOST_LOCAL = 1_000;
const ADA: Sender = { id: "1", name: "ada" };
const EVE: Sender = { id: "2", name: "eve" };

class Senders extends LogFixture {
  /** Sends a line under each name. */
  send(sender: Sender | undefined, names: readonly string[]): Promise<void> {
    const lines = names.map((source) => this.line("sent", { source }));
    return this.store.append(lines, { sender });
  }

  countOf(source: string): number {
    return this.store.sources().find(({ name }) => name === source)?.lines ?? 0;
  }
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe("the names of sources", () => {
  test("that one sender makes up without end are kept under one, and the others still name theirs", async () => {
    await using logs = new Senders();
    await logs.send(ADA, ["shop"]);
    await logs.send(EVE, names("made-up-", MOST_SENT + 50));
    await logs.send(EVE, ["shop", "made-up-3"]);
    expect(logs.countOf("other of eve")).toBe(50);
    expect([logs.countOf("shop"), logs.countOf("made-up-3")]).toEqual([2, 2]);
    await logs.send(ADA, ["cart"]);
    await logs.send(undefined, ["nginx"]);
    expect([logs.countOf("cart"), logs.countOf("nginx"), logs.countOf("other")]).toEqual([1, 1, 0]);
  });

  test("whose lines could not be stored take no line from another", async () => {
    await using logs = new Senders();
    const fail = (): never => {
      throw new Error("the disk says no");
    };
    await expect(
      logs.store.append([logs.line("lost", { source: "shop" })], { alongside: fail }),
    ).rejects.toThrow();
    await logs.send(ADA, ["cart"]);
    await logs.restart();
    await logs.send(ADA, ["till"]);
    expect(await logs.messages("", { sources: ["cart"] })).toEqual(["sent"]);
    expect([logs.countOf("shop"), logs.countOf("cart"), logs.countOf("till")]).toEqual([0, 1, 1]);
  });

  test("that are the server's own are its own alone: nobody who sends lines speaks in its name", async () => {
    await using logs = new Senders();
    await logs.send(undefined, ["binnacle"]);
    await logs.send(EVE, ["binnacle", " Binnacle\u0000", "bin\u200bnacle", "binnacle-shop"]);
    expect(logs.countOf("binnacle")).toBe(1);
    const named = logs.store.sources().map(({ name }) => name);
    expect(named).toContain("binnacle (reported)");
    expect(named).toContain("Binnacle (reported)");
    expect(named).toContain("bin\u200bnacle (reported)");
    expect(logs.countOf("binnacle-shop")).toBe(1);
  });

  test("count for their sender after a restart too", async () => {
    await using logs = new Senders();
    await logs.send(EVE, names("made-up-", MOST_SENT));
    await logs.restart();
    await logs.send(EVE, ["one-more"]);
    expect([logs.countOf("one-more"), logs.countOf("other of eve")]).toEqual([0, 1]);
  });

  test("of this machine's files are bounded too, and all of them together", async () => {
    await using logs = new Senders();
    await logs.send(undefined, names("file-", MOST_LOCAL + 1));
    expect(logs.countOf("other")).toBe(1);
    for (let n = 0; n < 130; n++)
      await logs.send({ id: `s${n}`, name: `s${n}` }, names(`s${n}-`, MOST_SENT + 1));
    const all = logs.store.sources();
    expect(all.length).toBe(2_100);
    expect(all.reduce((sum, { lines }) => sum + lines, 0)).toBe(MOST_LOCAL + 1 + 130 * (MOST_SENT + 1));
  });
});
