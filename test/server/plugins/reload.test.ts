import { expect, test } from "bun:test";
import { sized } from "../../support/sizes.ts";
import { PluginApp } from "./plugin-app.ts";

const CALLERS = 200;
const RELOADS = sized(10, 100);

test(`${RELOADS} reloads under ${CALLERS} callers fail no call and leave no process`, async () => {
  await using plugins = await PluginApp.start();
  const definition = (version: number) =>
    `execute: async (input) => { await new Promise((done) => setTimeout(done, 1)); return [${version}, input]; }`;
  await plugins.putFile("busy.ts", definition(0));
  const { unit } = plugins.system.verbs.plugins.get("busy");
  await unit.start();
  const exits: Promise<unknown>[] = [];
  const versions = new Set<unknown>();
  let isOver = false;
  const caller = async (input: number): Promise<number> => {
    let calls = 0;
    for (; !isOver; calls++) {
      const answer = await unit.call("execute", input, { correlationId: `c${input}`, caller: "test" });
      const [version, echo] = answer as [number, number];
      if (echo !== input) throw new Error(`Caller ${input} got the answer of ${echo}.`);
      versions.add(version);
    }
    return calls;
  };
  const callers = Array.from({ length: CALLERS }, (_, input) => caller(input));
  for (let reload = 1; reload <= RELOADS; reload++) {
    if (unit.process) exits.push(unit.process.exited);
    await plugins.putFile("busy.ts", definition(reload));
    expect(unit.block).toBeUndefined();
  }
  isOver = true;
  const calls = await Promise.all(callers);
  expect(unit.statistics.errors).toBe(0);
  expect(Math.min(...calls)).toBeGreaterThan(0);
  expect(versions.size).toBeGreaterThan(1);
  await Promise.all(exits);
  expect(unit.drainingProcesses).toEqual([]);
}, 300_000);
