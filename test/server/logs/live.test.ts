import { expect, test } from "bun:test";
import type { LogLine } from "../../../server/logs/line.ts";
import { LiveLines } from "../../../server/logs/live.ts";

const MANY = 5_000;
const WAITING = 2_000;
const lines = (count: number): LogLine[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    at: 0,
    level: id % 2 === 0 ? "info" : "error",
    source: "web",
    message: `line ${id}`,
    fields: {},
  }));

test("a reader that is too slow is told how many lines it missed; the others miss none", async () => {
  const live = new LiveLines();
  const slow = live.follow({});
  const choosy = live.follow({ levels: ["error"], sources: ["web"] });
  live.hear(lines(MANY));
  for (let n = 0; n < WAITING; n++) expect((await slow.next()).value).toMatchObject({ line: { id: n } });
  expect((await slow.next()).value).toEqual({ dropped: MANY - WAITING });
  expect((await choosy.next()).value).toMatchObject({ line: { id: 1 } });
  expect(live.status).toEqual({ readers: 2, droppedLines: MANY - WAITING + MANY / 2 - WAITING });
});

test("a reader leaves at once, also while it waits", async () => {
  const live = new LiveLines();
  const reader = live.follow({});
  const next = reader.next();
  await reader.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(live.status.readers).toBe(0);
});

test("readers end when the server does", async () => {
  const live = new LiveLines();
  const next = live.follow({}).next();
  live.close();
  expect(await next).toEqual({ done: true, value: undefined });
});
