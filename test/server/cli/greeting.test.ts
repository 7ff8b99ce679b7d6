import { describe, expect, test } from "bun:test";
import { greeting } from "../../../server/cli/greeting.ts";

describe("the greeting", () => {
  const facts = { isLoopback: true, port: 8000, setupLink: undefined, dataFolder: "/srv/data" };

  test.each(["127.0.0.1", "[::1]", "127.0.0.2"])(
    "the tunnel ends where the server listens: %s",
    (hostname) => {
      const text = greeting({ ...facts, hostname, baseUrl: `http://${hostname}:8000` });
      expect(text).toContain(`ssh -L 8000:${hostname}:8000 `);
    },
  );
});
