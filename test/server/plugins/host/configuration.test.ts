import { expect, test } from "bun:test";
import { OwnConfiguration } from "../../../../server/plugins/host/context/config.ts";
import type { ServerLine } from "../../../../server/plugins/host/server-line.ts";

test("a plugin reads its configuration as it is now, with the secrets that its process was given", async () => {
  let now: Record<string, unknown> = { url: "https://a.example", mail: { host: "m" } };
  const line = { ask: async () => now } as unknown as ServerLine;
  const configuration = new OwnConfiguration(line);
  const config = configuration.of(new AbortController());
  expect(await config.get()).toEqual(now);
  now = { ...now, list: [2, 3], proxy: null };
  configuration.take({
    ...{ url: "https://old.example", token: "t", list: [1], proxy: "http://p" },
    mail: { host: "old", password: "p" },
  });
  const whole = {
    ...{ url: "https://a.example", token: "t", list: [2, 3], proxy: null },
    mail: { host: "m", password: "p" },
  };
  expect(await config.get()).toEqual(whole);
  expect(await config.get("token")).toBe("t");
  configuration.take({ url: "https://a.example", token: "another" });
  expect(await config.get("token")).toBe("another");
  expect(await config.get("constructor")).toBeUndefined();
});
