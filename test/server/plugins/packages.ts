import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import type { PluginPackage } from "../../../server/plugins/trust/plugin-package.ts";

/** A package of one file whose digest is made of its version. */
export function fakePackage(manifest: Partial<PluginManifest> = {}, digest?: string): PluginPackage {
  const whole: PluginManifest = {
    id: "hello",
    version: "1.0.0",
    type: "custom",
    main: "hello.ts",
    ...manifest,
  };
  return {
    manifest: whole,
    origin: "folder",
    path: "/plugins/hello",
    digest: digest ?? new Bun.CryptoHasher("sha256").update(JSON.stringify(whole)).digest("hex"),
    hashes: new Map([["hello.ts", { sha256: "0".repeat(64), sizeBytes: 1 }]]),
    files: new Map([["hello.ts", new Uint8Array([0])]]),
    signedBy: undefined,
    signature: { state: "none" },
    isEnabledByAuthor: undefined,
    permissions: whole.permissions ?? {},
  };
}
