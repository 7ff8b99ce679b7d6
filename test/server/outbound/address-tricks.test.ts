import { describe, expect, test } from "bun:test";
import { OutboundPolicy } from "../../../server/outbound/policy.ts";
import { outboundWith, outcomeOf, TableResolver } from "./local-servers.ts";

/** Spelling → how the attempt must end. Nothing here may open a socket: there is no allowance. */
const TRICKS: Record<string, "refused_address" | "refused_host" | "invalid_request"> = {
  // loopback, spelt as browsers and libraries accept it
  "http://127.0.0.1/": "refused_address",
  "http://127.0.0.1./": "refused_address",
  "http://127.1/": "refused_address",
  "http://127.0.1/": "refused_address",
  "http://2130706433/": "refused_address",
  "http://0x7f000001/": "refused_address",
  "http://0X7F.0.0.0x1/": "refused_address",
  "http://0177.0.0.1/": "refused_address",
  "http://017700000001/": "refused_address",
  "http://0177.0x0.0.1/": "refused_address",
  "http://127.0.0.1:80/": "refused_address",
  "http://１２７.０.０.１/": "refused_address",
  "http://127。0。0。1/": "refused_address",
  "http://①②⑦.0.0.1/": "refused_address",
  "http://0/": "refused_address",
  "http://0.0.0.0/": "refused_address",
  "http://127.255.255.254/": "refused_address",
  "http://localhost/": "refused_host",
  "http://LOCALHOST./": "refused_host",
  "http://a.b.localhost/": "refused_host",
  "http://ⓛocalhost/": "refused_host",
  // IPv6, and IPv4 carried in it
  "http://[::1]/": "refused_address",
  "http://[0:0:0:0:0:0:0:1]/": "refused_address",
  "http://[::]/": "refused_address",
  "http://[::ffff:127.0.0.1]/": "refused_address",
  "http://[::ffff:7f00:1]/": "refused_address",
  "http://[0:0:0:0:0:ffff:10.0.0.1]/": "refused_address",
  "http://[::127.0.0.1]/": "refused_address",
  "http://[64:ff9b::127.0.0.1]/": "refused_address",
  "http://[64:ff9b::a9fe:a9fe]/": "refused_address",
  "http://[64:ff9b:1::a00:1]/": "refused_address",
  "http://[2002:7f00:1::]/": "refused_address",
  "http://[2002:808:808::1]/": "refused_address",
  "http://[2001:0:7f00:1::]/": "refused_address",
  "http://[fe80::1]/": "refused_address",
  "http://[fe80::1%25eth0]/": "invalid_request",
  "http://[fe80::1%eth0]/": "invalid_request",
  "http://[fec0::1]/": "refused_address",
  "http://[fc00::1]/": "refused_address",
  "http://[ff02::1]/": "refused_address",
  "http://[4000::1]/": "refused_address",
  "http://[2001:db8::1]/": "refused_address",
  "http://[3fff::1]/": "refused_address",
  "http://[5f00::1]/": "refused_address",
  "http://[100::1]/": "refused_address",
  // private, shared, reserved
  "http://10.0.0.1/": "refused_address",
  "http://172.16.0.1/": "refused_address",
  "http://172.31.255.255/": "refused_address",
  "http://192.168.1.1/": "refused_address",
  "http://100.64.0.1/": "refused_address",
  "http://198.18.0.1/": "refused_address",
  "http://192.0.2.1/": "refused_address",
  "http://192.0.0.8/": "refused_address",
  "http://192.88.99.1/": "refused_address",
  "http://224.0.0.1/": "refused_address",
  "http://240.0.0.1/": "refused_address",
  "http://255.255.255.255/": "refused_address",
  // credentials of clouds
  "http://169.254.169.254/latest/meta-data/": "refused_address",
  "http://2852039166/": "refused_address",
  "http://0xA9FEA9FE/": "refused_address",
  "http://[::ffff:a9fe:a9fe]/": "refused_address",
  "http://[fd00:ec2::254]/": "refused_address",
  "http://[fd20:ce::254]/": "refused_address",
  "http://168.63.129.16/": "refused_address",
  "http://100.100.100.200/": "refused_address",
  // the URL itself
  "http://user:pass@example.com/": "invalid_request",
  "http://example.com@127.0.0.1/": "invalid_request",
  "http://example.com\\@127.0.0.1/": "invalid_request",
  "http://127.0.0.1\\.example.com/": "invalid_request",
  "http://example.com%00.evil.test/": "invalid_request",
  "http://example.com\u0000.evil.test/": "invalid_request",
  "http://127.0.0.1%2f.example.com/": "invalid_request",
  "http://%31%32%37.0.0.1/": "invalid_request",
  "http://exam\tple.com/": "invalid_request",
  "http://exam\nple.com/": "invalid_request",
  " http://example.com/": "invalid_request",
  "http://example.com /": "invalid_request",
  "http://exam\u00adple.com/": "invalid_request",
  "http://127.0.0.1\u200b/": "invalid_request",
  "http:/127.0.0.1/": "invalid_request",
  "http:127.0.0.1/": "invalid_request",
  "http:///127.0.0.1/": "invalid_request",
  "//127.0.0.1/": "invalid_request",
  "http://256.0.0.1/": "invalid_request",
  "http://1.2.3.4.5/": "invalid_request",
  "http://[::1/": "invalid_request",
  "http://example..com/": "invalid_request",
  "http://example.com:0/": "invalid_request",
  "http://example.com:99999/": "invalid_request",
  "file:///etc/passwd": "invalid_request",
  "gopher://127.0.0.1:6379/_x": "invalid_request",
  "ftp://example.com/": "invalid_request",
  "data:text/plain,x": "invalid_request",
  "unix:///var/run/docker.sock": "invalid_request",
  "": "invalid_request",
  [`http://${"a".repeat(64)}.example/`]: "invalid_request",
};

const HOSTS: Record<string, "refused_address" | "refused_host" | "invalid_request"> = {
  "127.0.0.1": "refused_address",
  "0x7f.1": "refused_address",
  "::1": "refused_address",
  "[::1]": "refused_address",
  "::ffff:127.0.0.1": "refused_address",
  "fe80::1%eth0": "invalid_request",
  LOCALHOST: "refused_host",
  "localhost.": "refused_host",
  "a@b": "invalid_request",
  "a:80": "invalid_request",
  "[::1]:80": "invalid_request",
  "a/b": "invalid_request",
  "a?b": "invalid_request",
  "a\u0000b": "invalid_request",
  "/var/run/docker.sock": "invalid_request",
  "": "invalid_request",
};

/** Names whose DNS answers are the trick. */
const ANSWERS: Record<string, readonly string[]> = {
  "private.test": ["10.1.2.3"],
  "mixed.test": ["93.184.215.14", "192.168.0.1"],
  "mapped.test": ["::ffff:127.0.0.1"],
  "zoned.test": ["fe80::1%eth0"],
  "metadata.google.internal": ["169.254.169.254"],
  "azure.test": ["168.63.129.16"],
  "octal.test": ["0177.0.0.1"],
  "name.test": ["localhost"],
};

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
