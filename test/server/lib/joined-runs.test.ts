import { expect, test } from "bun:test";
import { JoinedRuns } from "../../../server/lib/joined-runs.ts";

test("who asks during a run shares the next, which is there for what they brought; a failure is of those who asked", async () => {
  const brought: string[] = [];
  const taken: string[][] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = new JoinedRuns(async () => {
    const gate = gates[taken.length];
    taken.push(brought.splice(0));
    await gate?.promise;
  });
  brought.push("a");
  const first = runs.run();
  await Promise.resolve();
  await Promise.resolve();
  expect(taken).toEqual([["a"]]);
  brought.push("b");
  const second = [runs.run(), runs.run()];
  brought.push("c");
  gates[0]?.resolve();
  await first;
  gates[1]?.reject(new Error("the disk says no"));
  for (const { status } of await Promise.allSettled(second)) expect(status).toBe("rejected");
  await runs.run();
  expect(taken).toEqual([["a"], ["b", "c"], []]);
});
