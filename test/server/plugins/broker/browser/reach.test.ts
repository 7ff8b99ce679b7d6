import { expect, test } from "bun:test";
import { parseAddress } from "../../../../../server/outbound/ip-address.ts";
import { parseTarget } from "../../../../../server/outbound/target.ts";
import { policyOf } from "../../../../../server/plugins/broker/browser/reach.ts";

test("a host that was granted as an address opens no name that leads there", () => {
  const policy = policyOf({ hosts: ["127.0.0.1", "public.example"] });
  const loopback = parseAddress("127.0.0.1");
  if (!loopback) throw new Error("127.0.0.1 is no address.");
  expect(() => policy.assertAddress(parseTarget("127.0.0.1", 80), loopback)).not.toThrow();
  expect(() => policy.assertAddress(parseTarget("public.example", 80), loopback)).toThrow("not public");
});
