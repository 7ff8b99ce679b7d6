import { describe, expect, test } from "bun:test";
import type { PluginManifest } from "../../../../schema/plugin/manifest.ts";
import {
  decideTrust,
  type GivenApproval,
  type TrustSettings,
} from "../../../../server/plugins/trust/decide-trust.ts";
import type { PluginPackage } from "../../../../server/plugins/trust/plugin-package.ts";
import { net, packageOf } from "./subjects.ts";

const SETTINGS: TrustSettings = { allowedCapabilities: ["*"], trustEdits: false, preGrant: undefined };
const KEY = "0123456789abcdef";

const approved = (
  { manifest, digest, hashes, permissions }: PluginPackage,
  more: Partial<GivenApproval> = {},
): GivenApproval => ({
  version: manifest.version,
  digest,
  permissions,
  files: hashes,
  signedBy: null,
  manifest,
  ...more,
});
const signed = (one: PluginPackage, keyId = KEY): PluginPackage => ({
  ...one,
  signature: { state: "valid", keyId, keyName: "release" },
});

/** One that may hear of every alert, and asks for those events. */
const hooked = (...events: string[]): Partial<PluginManifest> => ({
  permissions: { hooks: [{ event: "alert.*", why: "It hears of alerts" }] },
  hooks: events.map((event) => ({ event })),
});

const BARE = packageOf();
const ASKING = packageOf({ manifest: { permissions: net("a.example", "b.example") } });
const EDITED = packageOf({ manifest: ASKING.manifest, code: "changed" });
const FEWER = packageOf({ manifest: { permissions: net("a.example") } });
const FEWER_EDITED = packageOf({ manifest: FEWER.manifest, code: "changed" });
const WIDER = packageOf({ manifest: { permissions: net("a.example", "b.example", "c.example") } });
const OLDER = packageOf({ manifest: { ...ASKING.manifest, version: "0.9.0" } });
const NEWER = packageOf({ manifest: { ...ASKING.manifest, version: "1.1.0" } });
const GIVEN = approved(ASKING);

interface Case {
  name: string;
  subject: PluginPackage;
  approval?: GivenApproval;
  settings?: Partial<TrustSettings>;
  answer: string;
}

const CASES: Case[] = [
  { name: "without permissions nobody is asked", subject: BARE, answer: "allowed no_permissions" },
  {
    name: "nor when its code changed",
    subject: packageOf({ code: "changed" }),
    approval: approved(BARE),
    answer: "allowed no_permissions",
  },
  {
    name: "nor when it gave all of them up",
    subject: packageOf({ code: "changed" }),
    approval: GIVEN,
    answer: "allowed no_permissions",
  },
  {
    name: "an empty list is no permission",
    subject: packageOf({ manifest: { permissions: { net: [] } } }),
    answer: "allowed no_permissions",
  },
  { name: "with permissions a new one waits", subject: ASKING, answer: "waits new" },
  { name: "also for an author", subject: ASKING, settings: { trustEdits: true }, answer: "waits new" },
  { name: "what was approved runs", subject: ASKING, approval: GIVEN, answer: "allowed approval" },
  { name: "changed code waits", subject: EDITED, approval: GIVEN, answer: "waits code_changed" },
  {
    name: "a new version waits as changed code does",
    subject: packageOf({ manifest: NEWER.manifest, code: "x" }),
    approval: GIVEN,
    answer: "waits code_changed",
  },
  {
    name: "changed code of an author runs",
    subject: EDITED,
    approval: GIVEN,
    settings: { trustEdits: true },
    answer: "allowed trusted_edit",
  },
  { name: "wider permissions wait", subject: WIDER, approval: GIVEN, answer: "waits wider_permissions" },
  {
    name: "for an author too",
    subject: WIDER,
    approval: GIVEN,
    settings: { trustEdits: true },
    answer: "waits wider_permissions",
  },
  { name: "narrower permissions pass", subject: FEWER, approval: GIVEN, answer: "allowed narrower" },
  {
    name: "not together with changed code",
    subject: FEWER_EDITED,
    approval: GIVEN,
    answer: "waits code_changed",
  },
  {
    name: "unless an author made both",
    subject: FEWER_EDITED,
    approval: GIVEN,
    settings: { trustEdits: true },
    answer: "allowed trusted_edit",
  },
  {
    name: "new words and a new version pass",
    subject: packageOf({ manifest: { ...NEWER.manifest, name: "Better" } }),
    approval: GIVEN,
    answer: "allowed narrower",
  },
  {
    name: "a hook that is gone passes",
    subject: packageOf({ manifest: hooked("alert.raised") }),
    approval: approved(packageOf({ manifest: hooked("alert.raised", "alert.resolved") })),
    answer: "allowed narrower",
  },
  {
    name: "one more hook waits, also within what was approved",
    subject: packageOf({ manifest: hooked("alert.raised", "alert.resolved") }),
    approval: approved(packageOf({ manifest: hooked("alert.raised") })),
    answer: "waits code_changed",
  },
  {
    name: "another module of the same files waits",
    subject: packageOf({ manifest: { ...ASKING.manifest, limits: { timeoutMs: 5 } } }),
    approval: GIVEN,
    answer: "waits code_changed",
  },
  {
    name: "another default of the configuration waits",
    subject: packageOf({
      manifest: { ...ASKING.manifest, config: { type: "object", properties: { a: { default: 1 } } } },
    }),
    approval: GIVEN,
    answer: "waits code_changed",
  },
  {
    name: "what cannot be compared waits",
    subject: FEWER,
    approval: approved(ASKING, { manifest: undefined }),
    answer: "waits code_changed",
  },
  { name: "an older version waits", subject: OLDER, approval: GIVEN, answer: "waits downgrade" },
  {
    name: "an older version by the same key is refused",
    subject: signed(OLDER),
    approval: approved(ASKING, { signedBy: KEY }),
    answer: "refused signed_downgrade",
  },
  {
    name: "also when it asks for nothing",
    subject: signed(packageOf({ manifest: { version: "0.9.0" } })),
    approval: approved(ASKING, { signedBy: KEY }),
    answer: "refused signed_downgrade",
  },
  {
    name: "and for an author",
    subject: signed(OLDER),
    approval: approved(ASKING, { signedBy: KEY }),
    settings: { trustEdits: true },
    answer: "refused signed_downgrade",
  },
  {
    name: "an older version by another key only waits",
    subject: signed(OLDER, "f".repeat(16)),
    approval: approved(ASKING, { signedBy: KEY }),
    answer: "waits downgrade",
  },
  {
    name: "a version that lost its signature waits",
    subject: NEWER,
    approval: approved(ASKING, { signedBy: KEY }),
    answer: "waits signature_lost",
  },
  {
    name: "one signed by another key too",
    subject: signed(NEWER, "f".repeat(16)),
    approval: approved(ASKING, { signedBy: KEY }),
    answer: "waits signature_lost",
  },
  { name: "a signature is no approval", subject: signed(ASKING), answer: "waits new" },
  {
    name: "nor of changed code",
    subject: signed(packageOf({ manifest: NEWER.manifest, code: "x" })),
    approval: approved(ASKING, { signedBy: KEY }),
    answer: "waits code_changed",
  },
  {
    name: "a broken signature is refused",
    subject: { ...BARE, signature: { state: "broken", reason: "r" } },
    answer: "refused signature_broken",
  },
  {
    name: "even of what was approved",
    subject: { ...ASKING, signature: { state: "broken", reason: "r" } },
    approval: GIVEN,
    answer: "refused signature_broken",
  },
  {
    name: "a signature by a key nobody knows says nothing",
    subject: { ...BARE, signature: { state: "unknown_key", keyId: KEY } },
    answer: "allowed no_permissions",
  },
  {
    name: "the configuration approves a digest",
    subject: ASKING,
    settings: { preGrant: { digest: ASKING.digest } },
    answer: "allowed configuration",
  },
  {
    name: "and no other",
    subject: EDITED,
    settings: { preGrant: { digest: ASKING.digest } },
    answer: "waits new",
  },
  {
    name: "the configuration approves permissions",
    subject: EDITED,
    settings: { preGrant: { permissions: net("a.example", "b.example") } },
    answer: "allowed configuration",
  },
  {
    name: "also narrower ones",
    subject: FEWER,
    settings: { preGrant: { permissions: ASKING.permissions } },
    answer: "allowed configuration",
  },
  {
    name: "and no wider ones",
    subject: WIDER,
    settings: { preGrant: { permissions: ASKING.permissions } },
    answer: "waits new",
  },
  {
    name: "both together must hold",
    subject: WIDER,
    settings: { preGrant: { digest: WIDER.digest, permissions: ASKING.permissions } },
    answer: "waits new",
  },
  {
    name: "an empty entry approves nothing",
    subject: ASKING,
    settings: { preGrant: {} },
    answer: "waits new",
  },
  {
    name: "bundled ones with permissions wait to be enabled",
    subject: packageOf({ manifest: ASKING.manifest, origin: "bundled" }),
    answer: "waits new",
  },
  {
    name: "bundled code of another build runs on",
    subject: packageOf({ manifest: ASKING.manifest, code: "x", origin: "bundled" }),
    approval: GIVEN,
    answer: "allowed pinned",
  },
  {
    name: "unless it asks for more",
    subject: packageOf({ manifest: WIDER.manifest, origin: "bundled" }),
    approval: GIVEN,
    answer: "waits wider_permissions",
  },
  {
    name: "a type that is not accepted",
    subject: BARE,
    settings: { allowedCapabilities: ["alert", "net"] },
    answer: "refused not_allowed",
  },
  {
    name: "a kind that is not accepted",
    subject: ASKING,
    approval: GIVEN,
    settings: { allowedCapabilities: ["task", "read"] },
    answer: "refused not_allowed",
  },
  {
    name: "type and kind that are",
    subject: ASKING,
    approval: GIVEN,
    settings: { allowedCapabilities: ["task", "net"] },
    answer: "allowed approval",
  },
  {
    name: "nothing is accepted",
    subject: BARE,
    settings: { allowedCapabilities: [] },
    answer: "refused not_allowed",
  },
];

describe("whether a plugin may run", () => {
  test.each(CASES)("$name: $answer", ({ subject, approval, settings, answer }) => {
    const decision = decideTrust(subject, approval, { ...SETTINGS, ...settings });
    const why = decision.kind === "allowed" ? decision.ground : decision.reason;
    expect(`${decision.kind} ${why}`).toBe(answer);
  });

  test("what waits comes with the difference a person decides on", () => {
    expect(decideTrust(WIDER, GIVEN, SETTINGS)).toMatchObject({
      diff: { added: ["net c.example:443"], removed: [], isWider: true },
      message: "It asks for more than was approved.",
    });
    expect(decideTrust(ASKING, undefined, SETTINGS)).toMatchObject({
      diff: { added: ["net a.example:443", "net b.example:443"] },
    });
  });

  test("changed files are told with the version that was approved", () => {
    expect(decideTrust(packageOf({ manifest: NEWER.manifest, code: "x" }), GIVEN, SETTINGS)).toMatchObject({
      message: "Version 1.1.0 has other files than 1.0.0, which was approved.",
    });
    expect(decideTrust(EDITED, GIVEN, SETTINGS)).toMatchObject({
      message: "Its files were changed since version 1.0.0 was approved.",
    });
  });

  test("what is not accepted is named with the setting", () => {
    expect(decideTrust(ASKING, GIVEN, { ...SETTINGS, allowedCapabilities: ["task"] })).toMatchObject({
      message: "This server does not accept net (plugins.allowedCapabilities: task).",
    });
  });
});
