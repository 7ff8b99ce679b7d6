import { describe, expect, test } from "bun:test";
import { parseNetDev } from "../../../../../server/metrics/collect/procfs/net-dev.ts";
import { NET_DEV } from "../recorded-machine.ts";

describe("reading /proc/net/dev", () => {
  test("gives both directions of every interface", () => {
    const interfaces = parseNetDev(NET_DEV);
    expect(interfaces.map((counters) => counters.interface)).toEqual(["lo", "ifb0", "eth0", "veth3f2a1c"]);
    expect(interfaces[2]).toEqual({
      interface: "eth0",
      receivedBytes: 623356825,
      receivedPackets: 15471,
      receivedErrors: 2,
      sentBytes: 1115181,
      sentPackets: 9722,
      sentErrors: 1,
    });
  });

  test("reads old kernels that put no blank after the colon, aliases, and counters beyond 32 bits", () => {
    const numbers = "9007199254740991 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
    const interfaces = parseNetDev(`eth0:${numbers}\n  eth0:1:${numbers}\n`);
    expect(interfaces.map((counters) => counters.interface)).toEqual(["eth0", "eth0:1"]);
    expect(interfaces[0]).toMatchObject({
      receivedBytes: Number.MAX_SAFE_INTEGER,
      sentBytes: 9,
      sentErrors: 11,
    });
  });

  test.each(["", "eth0\n", "eth0:\n", "eth0: 1 2 3\n", "eth0: 1 2 3 4 5 6 7 8 9 10 11", ":\n"])(
    "finds nothing in %j",
    (text) => {
      expect(parseNetDev(text)).toEqual([]);
    },
  );
});
