import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import {
  formatAddress,
  type IpAddress,
  parseAddress,
  parseBlock,
} from "../../../server/outbound/ip-address.ts";
import { SPECIAL_IPV4, SPECIAL_IPV6 } from "../../../server/outbound/special-addresses.ts";
import { destinationOf, specialPurpose } from "../../../server/outbound/special-purpose.ts";
import { parseTarget } from "../../../server/outbound/target.ts";
import { sized } from "../../support/sizes.ts";

const RUNS = sized(2_000, 50_000);
const TIMEOUT_MS = sized(5_000, 60_000);

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
const spellNumber = (value: number, base: 8 | 10 | 16): string =>
  base === 16 ? `0x${value.toString(16)}` : base === 8 ? `0${value.toString(8)}` : String(value);

/** Every way of `inet_aton` to write one address: one to four parts, each decimal, octal or hexadecimal. */
const loose = fc
  .tuple(
    octets,
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.constantFrom<8 | 10 | 16>(8, 10, 16), { minLength: 4, maxLength: 4 }),
  )
  .map(([[a, b, c, d], parts, bases]) => {
    const spelt = (values: number[]) =>
      values.map((value, index) => spellNumber(value, bases[index] ?? 10)).join(".");
    if (parts === 1) return spelt([((a * 256 + b) * 256 + c) * 256 + d]);
    if (parts === 2) return spelt([a, (b * 256 + c) * 256 + d]);
    return parts === 3 ? spelt([a, b, c * 256 + d]) : spelt([a, b, c, d]);
  });

/** The same verdict by another parser and another table; undefined where that table is older than the registries. */
function otherVerdict(text: string): boolean | undefined {
  const address = ipaddr.process(text);
  const range = address.range();
  if (range === "unicast") return undefined;
  return !["as112", "amt", "orchid2", "droneRemoteIdProtocolEntityTags", "rfc6052", "as112v6"].includes(
    range,
  );
}

describe("addresses against an independent parser", () => {
  test(
    "every loose IPv4 spelling is read as the same address",
    () => {
      fc.assert(
        fc.property(loose, (text) => {
          const ours = parseTarget(text, 80).address;
          expect(ours && formatAddress(ours)).toBe(ipaddr.IPv4.parse(text).toString());
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  test(
    "every IPv6 spelling is read as the same address",
    () => {
      const spelling = fc.tuple(groups, fc.boolean(), fc.boolean()).map(([all, isUpper, isShort]) => {
        const full = all.map((group) => group.toString(16).padStart(isShort ? 1 : 4, "0")).join(":");
        const text = isShort ? new ipaddr.IPv6(all).toRFC5952String() : full;
        return isUpper ? text.toUpperCase() : text;
      });
      fc.assert(
        fc.property(spelling, (text) => {
          const ours = parseAddress(text);
          expect(ours && formatAddress(ours)).toBe(ipaddr.IPv6.parse(text).toNormalizedString());
          expect(parseTarget(text, 80).address).toEqual(ours as IpAddress);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  test(
    "what the other table refuses, ours refuses",
    () => {
      const text = fc.oneof(
        octets.map((parts) => parts.join(".")),
        groups.map((parts) => new ipaddr.IPv6(parts).toString()),
        fc
          .tuple(fc.constantFrom(0xfe80, 0xfc00, 0xff02, 0x2001, 0x2002, 0, 0x64), groups)
          .map(([first, rest]) => new ipaddr.IPv6([first, ...rest.slice(1)]).toString()),
        octets.map((parts) => `::ffff:${parts.join(".")}`),
      );
      fc.assert(
        fc.property(text, (spelling) => {
          if (otherVerdict(spelling) !== true) return;
          const address = parseAddress(spelling);
          expect(address && specialPurpose(destinationOf(address))).toBeString();
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  test(
    "no text that is no address is read as one",
    () => {
      fc.assert(
        fc.property(fc.stringMatching(/^[0-9a-fx.:%/]{0,24}$/), (text) => {
          const ours = parseAddress(text);
          if (ours) expect(ipaddr.isValid(text)).toBe(true);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});

describe("the registries", () => {
  const edges = (block: string): IpAddress[] => {
    const parsed = parseBlock(block);
    if (!parsed) throw new Error(`${block} is not a block`);
    const bits = BigInt((parsed.base.family === 4 ? 32 : 128) - parsed.prefixLength);
    return [parsed.base, { family: parsed.base.family, value: parsed.base.value + (1n << bits) - 1n }];
  };

  test.each(
    [...SPECIAL_IPV4, ...SPECIAL_IPV6].filter(({ block, isGlobal }) => !isGlobal && block !== "::/0"),
  )("$block ($purpose) is refused at both ends", ({ block }) => {
    for (const address of edges(block)) expect(specialPurpose(address)).toBeString();
  });

  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.0.9",
    "192.0.0.10",
    "192.0.1.0",
    "192.31.196.1",
    "192.52.193.1",
    "192.167.255.255",
    "192.169.0.0",
    "192.175.48.1",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2001:1::1",
    "2001:3::1",
    "2001:4:112::1",
    "2001:20::1",
    "2001:200::1",
    "2620:4f:8000::1",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
  ])("%s is public", (text) => {
    const address = parseAddress(text);
    expect(address).toBeDefined();
    expect(address && specialPurpose(destinationOf(address))).toBeUndefined();
  });
});
