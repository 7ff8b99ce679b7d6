import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../support/until.ts";

test("a plugin in an endless loop ends with its server, however that ends", async () => {
  const server = Bun.spawn([process.execPath, join(import.meta.dirname, "orphan-server.ts")], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await server.stdout.getReader().read();
  const pid = Number(new TextDecoder().decode(value));
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  server.kill("SIGKILL");
  await server.exited;
  await until(() => !existsSync(`/proc/${pid}`));
});
