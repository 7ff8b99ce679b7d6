import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { STATE_MIGRATIONS } from "../../../../schema/migrations/state/index.ts";
import { Configuration } from "../../../../server/config/configuration.ts";
import { Database } from "../../../../server/database/database.ts";
import { ContentStore } from "../../../../server/plugins/discovery/content-store.ts";
import { ApprovalStore } from "../../../../server/plugins/store/approval-store.ts";
import type { PluginPackage } from "../../../../server/plugins/trust/plugin-package.ts";
import { PluginTrust } from "../../../../server/plugins/trust/plugin-trust.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { TempFolder } from "../../../support/temp-folder.ts";
import { LIMITS, net, packageOf } from "./subjects.ts";

/** Approvals in a real database, content in a real folder. */
class TrustHouse implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly database = Database.open({
    path: this.folder.file("state.db"),
    migrations: STATE_MIGRATIONS,
    synchronous: "NORMAL",
  });
  readonly approvals = new ApprovalStore(this.database);
  readonly content = new ContentStore(this.folder.file("plugin-store"));
  readonly trust: PluginTrust;

  constructor(settings: Record<string, unknown> = {}) {
    const configuration = new Configuration([
      { kind: "file", origin: "test", values: new Map(Object.entries(settings)) },
    ]);
    this.trust = new PluginTrust({
      approvals: this.approvals,
      content: this.content,
      clock: new ManualClock(7_000),
      settings: () => configuration.settings.plugins,
      limits: () => LIMITS,
    });
  }

  async approve(one: PluginPackage): Promise<void> {
    const record = await this.trust.prepareApproval(one, one.digest, "ada");
    await this.database.write((tx) => record(tx));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
    this.folder[Symbol.dispose]();
  }
}

const ASKING = packageOf({ manifest: { permissions: net("a.example", "b.example") } });
const NARROWER = packageOf({ manifest: { permissions: net("a.example") } });
const EDITED = packageOf({ manifest: ASKING.manifest, code: "changed" });

describe("an approval", () => {
  test("holds who approved which bytes, and keeps them", async () => {
    await using house = new TrustHouse();
    expect(await house.trust.decide(ASKING)).toMatchObject({ kind: "waits", reason: "new" });
    await house.approve(ASKING);
    expect(await house.trust.decide(ASKING)).toEqual({ kind: "allowed", ground: "approval" });
    expect(await house.approvals.findNewest("probe")).toMatchObject({
      version: "1.0.0",
      digest: ASKING.digest,
      permissions: ASKING.permissions,
      files: ASKING.hashes,
      signedBy: null,
      approvedBy: "ada",
      approvedAt: 7_000,
    });
    const kept = await house.content.open(ASKING.digest);
    expect(Buffer.from(kept?.files.get("main.ts") ?? []).toString()).toBe("code");
  });

  test("is of what was looked at, and of nothing that came after", async () => {
    await using house = new TrustHouse();
    await expect(house.trust.prepareApproval(EDITED, ASKING.digest, "ada")).rejects.toMatchObject({
      code: "approval_outdated",
    });
    await house.approve(ASKING);
    expect(await house.trust.decide(EDITED)).toMatchObject({ kind: "waits", reason: "code_changed" });
    await house.approve(EDITED);
    expect(await house.trust.decide(EDITED)).toEqual({ kind: "allowed", ground: "approval" });
    // The newest is in force: going back is a change like any other.
    expect(await house.trust.decide(ASKING)).toMatchObject({ kind: "waits", reason: "code_changed" });
    expect((await house.approvals.listOf("probe")).map(({ digest }) => digest)).toEqual([
      EDITED.digest,
      ASKING.digest,
    ]);
  });

  test("does not help what this server does not accept", async () => {
    await using house = new TrustHouse({ "plugins.allowedCapabilities": ["task"] });
    await expect(house.trust.prepareApproval(ASKING, ASKING.digest, "ada")).rejects.toMatchObject({
      code: "plugin_not_allowed",
    });
  });

  test("covers a manifest that gives permissions up, as long as the approved one can be read", async () => {
    await using house = new TrustHouse();
    await house.approve(ASKING);
    expect(await house.trust.decide(NARROWER)).toEqual({ kind: "allowed", ground: "narrower" });
    rmSync(house.folder.file("plugin-store"), { recursive: true });
    expect(await house.trust.decide(NARROWER)).toMatchObject({ kind: "waits", reason: "code_changed" });
  });

  test("can stand in the configuration", async () => {
    const approve = { permissions: { net: [{ host: "a.example" }, { host: "b.example" }] } };
    await using house = new TrustHouse({ "plugins.items": [{ id: "probe", approve }, { id: "other" }] });
    expect(await house.trust.decide(EDITED)).toEqual({ kind: "allowed", ground: "configuration" });
    const wider = packageOf({ manifest: { permissions: net("a.example", "c.example") } });
    expect(await house.trust.decide(wider)).toMatchObject({ kind: "waits", reason: "new" });
  });

  test("by digest in the configuration is of these bytes only", async () => {
    await using house = new TrustHouse({
      "plugins.items": [{ id: "probe", approve: { digest: ASKING.digest } }],
    });
    expect(await house.trust.decide(ASKING)).toEqual({ kind: "allowed", ground: "configuration" });
    expect(await house.trust.decide(EDITED)).toMatchObject({ kind: "waits", reason: "new" });
  });

  test("is forgotten with its plugin, and the oldest make room", async () => {
    await using house = new TrustHouse();
    for (let at = 0; at < 52; at++)
      await house.approve(packageOf({ manifest: ASKING.manifest, code: `${at}` }));
    const kept = await house.approvals.listOf("probe", 100);
    expect(kept).toHaveLength(50);
    expect(await house.approvals.listDigests()).toHaveLength(50);
    await house.database.write((tx) => house.approvals.removeOf(tx, "probe"));
    expect(await house.approvals.findNewest("probe")).toBeUndefined();
  });
});
