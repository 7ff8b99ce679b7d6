import { expect, test } from "bun:test";
import { join } from "node:path";

const CLOCK = join(import.meta.dirname, "../../../server/lib/clock.ts");

test("what was due before now is due at once, and nobody is warned of it", async () => {
  // A process of its own: a runtime warns once, and whoever else did would hide it.
  const program = `import { systemClock } from ${JSON.stringify(CLOCK)};
    const stays = setTimeout(() => undefined, 60_000);
    systemClock.after(-76_857, () => { console.log("due"); clearTimeout(stays); });`;
  const run = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "pipe" });
  const [said, warned] = await Promise.all(
    [run.stdout, run.stderr].map((stream) => new Response(stream).text()),
  );
  expect([said, warned, await run.exited]).toEqual(["due\n", "", 0]);
});
