import { describe, expect, test } from "bun:test";
import type { PluginPermissions } from "../../../../schema/plugin/manifest.ts";
import { argumentsMatch, readArgument, textOf } from "../../../../server/plugins/broker/grants/grant.ts";
import {
  configPathsOf,
  grantTexts,
  permissionDiff,
  resolveGrants,
} from "../../../../server/plugins/broker/grants.ts";

const why = "because";
/** A placeholder as a manifest writes it. */
const config = (path: string): string => `\${config.${path}}`;
const resolved = (permissions: PluginPermissions, settings: unknown = {}, forbidden?: readonly string[]) => {
  const { grants, refused } = resolveGrants(permissions, settings, forbidden);
  return { texts: grants.map(textOf), refused: refused.map(({ text }) => text) };
};

describe("canonical texts", () => {
  test("say each permission in one form, whatever its spelling", () => {
    const permissions: PluginPermissions = {
      net: [
        { host: "API.Example.com.", why },
        { host: "api.example.com", port: "443", why },
        { host: "0x7f.1", port: 8080, why },
        { host: "::1", why },
        { host: "nas.lan", port: 445, private: true, why },
        { host: "bücher.example", why },
      ],
      read: [{ path: "/var//log/./app/", why }],
      write: [{ path: "/srv/my files", why }],
      env: [{ name: "TZ", why }],
      run: [{ command: "/usr/bin/pg_dump", arguments: ["--file", "*", "a b", "..."], why }],
      hooks: [{ event: "backup.*", why }],
      secrets: [{ name: "SMTP_PASSWORD", why }],
      middleware: [{ why }],
      browser: [
        { hosts: ["Shop.Example", "shop.example:8443"], why },
        { hosts: ["wiki.lan", "127.0.0.1:8080"], private: true, why },
      ],
      registry: [{ access: "read", why }],
    };
    expect(grantTexts(permissions)).toEqual(
      [
        "browser 127.0.0.1:8080 private",
        "browser shop.example",
        "browser shop.example:8443",
        "browser wiki.lan private",
        "env TZ",
        "hooks backup.*",
        "middleware",
        "net 127.0.0.1:8080 private",
        "net [::1]:443 private",
        "net api.example.com:443",
        "net nas.lan:445 private",
        "net xn--bcher-kva.example:443",
        "read /var/log/app",
        'run /usr/bin/pg_dump --file * "a b" ...',
        "secrets SMTP_PASSWORD",
        'write "/srv/my files"',
      ]
        .concat(["registry read"])
        .sort(),
    );
  });

  test("leave placeholders as they are written", () => {
    const net = [{ host: config("mail.host"), port: config("mail.port"), why }];
    expect(grantTexts({ net })).toEqual([`net ${config("mail.host")}:${config("mail.port")}`]);
    expect(configPathsOf({ net, read: [{ path: config("folder"), why }] })).toEqual([
      "folder",
      "mail.host",
      "mail.port",
    ]);
  });
});

test("an unseen character in a declared value is written out", () => {
  const read = [{ path: "/srv/\u202egnp.exe", why }];
  const net = [{ host: "a.example\nread /", why }];
  expect(grantTexts({ read, net })).toEqual(['net "a.example\\nread /"', 'read "/srv/\\u{202e}gnp.exe"']);
});

describe("placeholders", () => {
  test("take values, items of lists, and host and port of a URL", () => {
    const permissions: PluginPermissions = {
      net: [
        { host: config("url"), why },
        { host: config("hosts"), port: config("port"), why },
        { host: config("mail"), why },
      ],
      read: [{ path: config("folders"), why }],
    };
    const settings = {
      url: "https://Api.Example.com:8443/v1?x",
      hosts: ["a.example", "b.example"],
      port: 25,
      mail: "mail.example:587",
      folders: ["/srv/a", "/srv/b/"],
    };
    expect(resolved(permissions, settings)).toEqual({
      texts: [
        "net api.example.com:8443",
        "net a.example:25",
        "net b.example:25",
        "net mail.example:587",
        "read /srv/a",
        "read /srv/b",
      ],
      refused: [],
    });
  });

  test("give nothing when the value is not set, and nothing of an object's prototype", () => {
    const net = ["missing", "a.b.c", "constructor.name", "__proto__.x"].map((path) => ({
      host: config(path),
      why,
    }));
    expect(resolved({ net }, { a: { b: "x" } })).toEqual({ texts: [], refused: [] });
  });

  test("are refused within a text, and where something else than text stands", () => {
    const net = [
      { host: `x.${config("name")}`, why },
      { host: config("flag"), why },
      { host: config("nested"), why },
    ];
    const { texts, refused } = resolved({ net }, { name: "evil.example", flag: true, nested: [["a"]] });
    expect(texts).toEqual([]);
    expect(refused).toHaveLength(3);
  });

  test("never become a wildcard of a command's arguments", () => {
    const run = [{ command: "/usr/bin/psql", arguments: ["--dbname", config("name")], why }];
    expect(resolved({ run }, { name: "*" }).texts).toEqual(['run /usr/bin/psql --dbname "*"']);
    expect(resolved({ run }, { name: "..." }).texts).toEqual(['run /usr/bin/psql --dbname "..."']);
  });

  test("cannot multiply without end", () => {
    const items = Array.from({ length: 100 }, (_, index) => `host-${index}.example`);
    const ports = Array.from({ length: 100 }, (_, index) => index + 1);
    const { texts, refused } = resolved(
      { net: [{ host: config("h"), port: config("p"), why }] },
      { h: items, p: ports },
    );
    expect(texts).toEqual([]);
    expect(refused).toHaveLength(1);
  });
});

describe("what is never granted", () => {
  const refusedPath = (path: string) =>
    resolved({ read: [{ path, why }] }, {}, ["/var/lib/binnacle"]).refused;

  test.each([
    "/proc/1/environ",
    "/sys",
    "/dev/mem",
    "/run/docker.sock",
    "/var/run/x",
    "/",
    "/var",
    "/var/lib",
    "/var/lib/binnacle",
    "/var/lib/binnacle/state.db",
    "/srv/../proc",
    "relative",
    "",
    "/srv/a\u0000b",
  ])("a grant of %j", (path) => {
    expect(refusedPath(path)).toHaveLength(1);
  });

  test.each(["/var/lib/binnacle-other", "/processes", "/srv", "/devices"])("but %j is", (path) => {
    expect(refusedPath(path)).toEqual([]);
  });

  test.each([["*.example.com"], ["*"], ["a b"], ["user@host"], ["host/path"], ["exam\u00adple.com"]])(
    "the host %j",
    (host) => {
      expect(resolved({ net: [{ host, why }] }).refused).toHaveLength(1);
    },
  );

  test.each([
    "BINNACLE_KEY",
    "BINNACLE_ANYTHING",
    "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "DB_PASSWORD",
    "A-B",
  ])("the variable %s", (name) => {
    expect(resolved({ env: [{ name, why }] }).refused).toHaveLength(1);
  });

  test.each([
    "rbash",
    "tar",
    "git",
    "rsync",
    "ip",
    "docker",
    "taskset",
    "g++-12",
    "Rscript",
    "ld-linux-x86-64.so.2",
  ])("%s with free arguments: it runs what they name", (name) => {
    const run = (given: string[]) =>
      resolved({ run: [{ command: `/usr/bin/${name}`, arguments: given, why }] }).refused.length;
    expect([run(["..."]), run(["*"]), run(["--version"])]).toEqual([1, 1, 0]);
  });

  test("programs that only begin like one of those are not among them", () => {
    for (const name of ["targets", "gitea", "iptables", "timer", "moreutils"])
      expect(resolved({ run: [{ command: `/usr/bin/${name}`, arguments: ["..."], why }] }).refused).toEqual(
        [],
      );
  });

  test("an interpreter with free arguments; with fixed ones it is", () => {
    const run = (command: string, given: string[]) => resolved({ run: [{ command, arguments: given, why }] });
    for (const command of [
      "/bin/sh",
      "/usr/bin/env",
      "/usr/bin/python3.12",
      "/usr/bin/sed",
      "/usr/bin/sqlite3",
      "/lib64/ld-linux-x86-64.so.2",
    ]) {
      expect(run(command, ["..."]).refused).toHaveLength(1);
      expect(run(command, ["/srv/x", "*"]).refused).toHaveLength(1);
      expect(run(command, ["/srv/report.sh"]).refused).toEqual([]);
    }
    expect(run("/usr/bin/shasum", ["*"]).refused).toEqual([]);
    expect(run("pg_dump", []).refused).toHaveLength(1);
    expect(run("/usr/bin/pg_dump", ["...", "a"]).refused).toHaveLength(1);
  });
});

describe("arguments", () => {
  const matches = (rules: string[], given: string[]) => argumentsMatch(rules.map(readArgument), given);

  test("are literals, one free word, or any number at the end", () => {
    expect(matches([], [])).toBe(true);
    expect(matches([], ["a"])).toBe(false);
    expect(matches(["--db", "*"], ["--db", "shop"])).toBe(true);
    expect(matches(["--db", "*"], ["--db"])).toBe(false);
    expect(matches(["--db", "*"], ["--db", "a", "b"])).toBe(false);
    expect(matches(["-x", "..."], ["-x"])).toBe(true);
    expect(matches(["-x", "..."], ["-x", "a", "b"])).toBe(true);
  });

  test("that are free never begin with a dash", () => {
    expect(matches(["*"], ["--output=/etc/passwd"])).toBe(false);
    expect(matches(["..."], ["a", "-o"])).toBe(false);
    expect(matches(["*"], ["-"])).toBe(false);
  });
});

describe("a changed manifest", () => {
  const diff = (approved: PluginPermissions, wanted: PluginPermissions) => permissionDiff(approved, wanted);

  test("with other words for the same is no change", () => {
    expect(
      diff({ net: [{ host: "A.example", why }] }, { net: [{ host: "a.example", port: 443, why: "else" }] }),
    ).toEqual({
      added: [],
      removed: [],
      isWider: false,
    });
  });

  test.each<[string, PluginPermissions, PluginPermissions]>([
    ["another host", { net: [{ host: "a.example", why }] }, { net: [{ host: "b.example", why }] }],
    [
      "a private address",
      { net: [{ host: "a.example", why }] },
      { net: [{ host: "a.example", private: true, why }] },
    ],
    ["writing", { read: [{ path: "/srv", why }] }, { write: [{ path: "/srv", why }] }],
    ["a parent folder", { read: [{ path: "/srv/a", why }] }, { read: [{ path: "/srv", why }] }],
    ["a sibling by prefix", { read: [{ path: "/srv/a", why }] }, { read: [{ path: "/srv/ab", why }] }],
    [
      "another variable of the configuration",
      { net: [{ host: config("a"), why }] },
      { net: [{ host: config("b"), why }] },
    ],
    [
      "a placeholder for a literal",
      { net: [{ host: "a.example", why }] },
      { net: [{ host: config("b"), why }] },
    ],
    [
      "freer arguments",
      { run: [{ command: "/bin/x", arguments: ["a"], why }] },
      { run: [{ command: "/bin/x", arguments: ["*"], why }] },
    ],
    [
      "an option where a free word was",
      { run: [{ command: "/bin/x", arguments: ["..."], why }] },
      { run: [{ command: "/bin/x", arguments: ["--all"], why }] },
    ],
    ["more events", { hooks: [{ event: "a.*", why }] }, { hooks: [{ event: "a.**", why }] }],
    ["middleware", {}, { middleware: [{ why }] }],
    ["what cannot be read", {}, { net: [{ host: "*", why }] }],
  ])("is wider with %s", (_what, approved, wanted) => {
    expect(diff(approved, wanted).isWider).toBe(true);
  });

  test.each<[string, PluginPermissions, PluginPermissions]>([
    ["fewer grants", { env: [{ name: "TZ", why }] }, {}],
    [
      "only public addresses",
      { net: [{ host: "a.example", private: true, why }] },
      { net: [{ host: "a.example", why }] },
    ],
    [
      "a browser for public addresses",
      { browser: [{ hosts: ["a.lan"], private: true, why }] },
      { browser: [{ hosts: ["a.lan"], why }] },
    ],
    ["reading", { write: [{ path: "/srv", why }] }, { read: [{ path: "/srv/a", why }] }],
    [
      "fixed arguments",
      { run: [{ command: "/bin/x", arguments: ["a", "..."], why }] },
      { run: [{ command: "/bin/x", arguments: ["a", "b", "*"], why }] },
    ],
    ["fewer events", { hooks: [{ event: "a.**", why }] }, { hooks: [{ event: "a.b", why }] }],
    [
      "less of the registry",
      { registry: [{ access: "admin", why }] },
      { registry: [{ access: "read", why }] },
    ],
  ])("is not wider with %s", (_what, approved, wanted) => {
    expect(diff(approved, wanted).isWider).toBe(false);
    expect(diff(wanted, approved).isWider).toBe(true);
  });
});
