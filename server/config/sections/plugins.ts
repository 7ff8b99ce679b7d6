import { Type } from "@sinclair/typebox";
import { flag, int, list, oneOf, section, text } from "../setting-types.ts";
import { PluginItemSchema, TrustedKeySchema } from "./plugin-items.ts";

const MAX_TIMEOUT_S = 86_400;
const EVERYTHING = ["*"];
/** Linux 5.19. */
const OLDEST_STRONG_LANDLOCK_ABI = 2;
/** More than any kernel has. */
const NEWEST_LANDLOCK_ABI = 100;

/** A file may hold the list of plugins in place of the section. */
export const BARE_LIST = { section: "plugins", key: "items" } as const;

export const plugins = section("Extensions", {
  folder: text("", {
    description: "Where plugins lie; empty for the folder plugins of the data folder",
    env: ["PLUGINS_DIR"],
    machineOnly: true,
    restart: true,
  }),
  autoLoad: flag(true, {
    description: "Whether plugins found in the folder are loaded at the start",
    env: ["AUTO_LOAD_PLUGINS"],
  }),
  timeoutSeconds: int(300, 1, MAX_TIMEOUT_S, {
    description: "Longest call of a plugin that asks for nothing else",
    env: ["PLUGIN_TIMEOUT"],
  }),
  maxTimeoutMs: int(MAX_TIMEOUT_S * 1_000, 1_000, MAX_TIMEOUT_S * 1_000, {
    description: "Longest call that a manifest may ask for",
  }),
  memoryLimitMib: int(256, 16, 65_536, {
    description: "Memory of one plugin above the host's baseline, in MiB",
    env: ["PLUGIN_MEMORY_LIMIT"],
    textUnit: "mebibytes",
  }),
  sandbox: oneOf("required", ["required", "best-effort"], {
    description: "Whether a plugin starts only inside a full sandbox, or in the best this platform has",
    env: ["PLUGIN_SANDBOX"],
    spellings: { true: "required", false: "best-effort" },
    machineOnly: true,
    restart: true,
  }),
  visibleBrowser: flag(false, {
    description:
      "Whether plugins with the browser permission may open it in a window on the display of this server (DISPLAY); see docs/sandbox.md for what that costs",
    machineOnly: true,
  }),
  maxLandlockAbi: int(NEWEST_LANDLOCK_ABI, OLDEST_STRONG_LANDLOCK_ABI, NEWEST_LANDLOCK_ABI, {
    description:
      "Landlock rights newer than this ABI are left unused, to try on this machine how an older kernel holds plugins; never below what the level strong needs",
    machineOnly: true,
    notEnvironment: true,
    restart: true,
  }),
  allowedCapabilities: list(EVERYTHING, {
    description: "Plugin types and permissions that this server accepts at all; * for every one",
    env: ["PLUGIN_ALLOWED_CAPABILITIES"],
    machineOnly: true,
  }),
  allowedImports: list(EVERYTHING, {
    description: "Modules that a plugin may import; * for every one",
    env: ["PLUGIN_ALLOWED_IMPORTS"],
    machineOnly: true,
  }),
  trustedKeys: Type.Array(TrustedKeySchema, {
    title: "Trusted keys",
    default: [],
    maxItems: 50,
    description: "Keys whose signatures of plugins count; see docs/plugins.md",
    machineOnly: true,
  }),
  items: Type.Array(PluginItemSchema, {
    title: "Plugins",
    default: [],
    maxItems: 500,
    description:
      "Plugins one by one: whether they run, where they lie, their configuration, what they may do",
    machineOnly: true,
    secret: true,
  }),
  trustEdits: flag(false, {
    description: "Whether changed plugin code runs without a new approval; for authors",
    machineOnly: true,
  }),
});
