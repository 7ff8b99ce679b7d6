import { describe, expect, test } from "bun:test";
import { OutboundPolicy } from "../../../server/outbound/policy.ts";
import { ANSWERS, HOSTS, TRICKS } from "./address-tricks.ts";
import { outboundWith, outcomeOf, TableResolver } from "./local-servers.ts";

describe("address tricks without an allowance", () => {
  const outbound = outboundWith(new TableResolver(ANSWERS));
  const policy = new OutboundPolicy();

  test.each(Object.entries(TRICKS))("fetch of %j is refused: %s", async (url, expected) => {
    expect(await outcomeOf(outbound.fetch({ url }, policy))).toBe(expected);
    expect(outbound.status().open).toBe(0);
  });

  test("a URL without end is refused", async () => {
    const url = `http://example.com/${"a".repeat(9_000)}`;
    expect(await outcomeOf(outbound.fetch({ url }, policy))).toBe("invalid_request");
  });

  test.each(Object.entries(HOSTS))("connect to %j is refused: %s", async (host, expected) => {
    expect(await outcomeOf(outbound.connect(host, 443, { tls: false }, policy))).toBe(expected);
  });

  test.each(Object.keys(ANSWERS))("a name that resolves to %s is refused", async (name) => {
    expect(await outcomeOf(outbound.fetch({ url: `http://${name}/` }, policy))).toBe("refused_address");
  });

  test("an unknown name fails by name, not by address", async () => {
    expect(await outcomeOf(outbound.fetch({ url: "http://nowhere.test/" }, policy))).toBe("dns_failed");
  });

  test("what is refused tells the caller no address", async () => {
    const error = await outbound.fetch({ url: "http://private.test/" }, policy).catch((thrown) => thrown);
    expect(error.message).not.toContain("10.1.2.3");
    expect(error.code).toBe("outbound_refused");
  });
});

describe("allowances", () => {
  const resolver = new TableResolver({ "nas.test": ["10.0.0.9"], "meta.test": ["169.254.169.254"] });
  const outbound = outboundWith(resolver);
  /** A connection that is let through ends at `timed_out` here, since the addresses lead nowhere. */
  const attempt = (url: string, allow: string[], only?: string[]) =>
    outcomeOf(
      outbound.fetch({ url }, new OutboundPolicy({ allow, ...(only ? { only } : {}), connectTimeoutMs: 1 })),
    );
  const passes = async (url: string, allow: string[], only?: string[]): Promise<void> => {
    const outcome = await attempt(url, allow, only);
    expect(["timed_out", "connect_failed", "ok", "connection_lost"]).toContain(outcome);
  };

  test("a block, an address, a name, and a name with its port let pass", async () => {
    await passes("http://10.0.0.9/", ["10.0.0.0/8"]);
    await passes("http://10.0.0.9/", ["10.0.0.9"]);
    await passes("http://nas.test/", ["nas.test"]);
    await passes("http://NAS.test./", ["nas.TEST."]);
    await passes("http://nas.test:8080/", ["nas.test:8080"]);
  });

  test("they let nothing else pass", async () => {
    expect(await attempt("http://192.168.0.1/", ["10.0.0.0/8"])).toBe("refused_address");
    expect(await attempt("http://10.0.0.8/", ["10.0.0.9"])).toBe("refused_address");
    expect(await attempt("http://10.0.0.9/", ["nas.test"])).toBe("refused_address");
    expect(await attempt("http://nas.test:81/", ["nas.test:80"])).toBe("refused_address");
    expect(await attempt("http://[::ffff:10.0.0.9]/", ["::/0"])).toBe("refused_address");
  });

  test("what is allowed as an address is not where a name leads to it", async () => {
    const policy = new OutboundPolicy({ allowAsAddress: ["10.0.0.0/8"], connectTimeoutMs: 1 });
    expect(await outcomeOf(outbound.fetch({ url: "http://10.0.0.9/" }, policy))).not.toBe("refused_address");
    expect(await outcomeOf(outbound.fetch({ url: "http://nas.test/" }, policy))).toBe("refused_address");
  });

  test("a metadata address is opened by itself only", async () => {
    for (const allow of ["0.0.0.0/0", "169.254.0.0/16", "169.254.169.254/31", "meta.test"]) {
      expect(await attempt("http://meta.test/", [allow])).toBe("refused_address");
    }
    await passes("http://meta.test/", ["169.254.169.254"]);
  });

  test("a list of places is exact in host and port", async () => {
    const only = ["nas.test", "api.test:8443", "::1"];
    await passes("http://nas.test/", ["10.0.0.0/8"], only);
    expect(await attempt("http://nas.test:8080/", ["10.0.0.0/8"], only)).toBe("refused_host");
    expect(await attempt("http://sub.nas.test/", ["10.0.0.0/8"], only)).toBe("refused_host");
    expect(await attempt("http://nas.test.evil.test/", ["10.0.0.0/8"], only)).toBe("refused_host");
    expect(await attempt("https://api.test/", [], only)).toBe("refused_host");
    expect(await attempt("https://[::1]/", [], only)).toBe("refused_address");
  });

  test.each(["10.0.0.0/33", "10.0.0.1/8", "a b", "http://x", "x:0", "x:99999", "fd00::/200", "[::1"])(
    "the entry %j is refused by name",
    (entry) => {
      expect(() => new OutboundPolicy({ allow: [entry] })).toThrow(JSON.stringify(entry));
    },
  );
});
