import { flag, int, list, oneOf, section, text } from "../setting-types.ts";

const MAX_TIMEOUT_S = 86_400;
const EVERYTHING = ["*"];

export const plugins = section("Extensions", {
  folder: text("", {
    description: "Where plugins lie; empty for the folder plugins of the data folder",
    env: ["PLUGINS_DIR"],
    machineOnly: true,
    restart: true,
    planned: true,
  }),
  autoLoad: flag(true, {
    description: "Whether plugins found in the folder are loaded at the start",
    env: ["AUTO_LOAD_PLUGINS"],
    planned: true,
  }),
  timeoutSeconds: int(300, 1, MAX_TIMEOUT_S, {
    description: "Longest call of a plugin that asks for nothing else",
    env: ["PLUGIN_TIMEOUT"],
    planned: true,
  }),
  maxTimeoutMs: int(MAX_TIMEOUT_S * 1_000, 1_000, MAX_TIMEOUT_S * 1_000, {
    description: "Longest call that a manifest may ask for",
    planned: true,
  }),
  memoryLimitMib: int(256, 16, 65_536, {
    description: "Memory of one plugin above the host's baseline, in MiB",
    env: ["PLUGIN_MEMORY_LIMIT"],
    textUnit: "mebibytes",
    planned: true,
  }),
  sandbox: oneOf("required", ["required", "best-effort"], {
    description: "Whether a plugin starts only inside a full sandbox, or in the best this platform has",
    env: ["PLUGIN_SANDBOX"],
    spellings: { true: "required", false: "best-effort" },
    machineOnly: true,
    restart: true,
    planned: true,
  }),
  allowedCapabilities: list(EVERYTHING, {
    description: "Plugin types and permissions that this server accepts at all; * for every one",
    env: ["PLUGIN_ALLOWED_CAPABILITIES"],
    machineOnly: true,
    planned: true,
  }),
  allowedImports: list(EVERYTHING, {
    description: "Modules that a plugin may import; * for every one",
    env: ["PLUGIN_ALLOWED_IMPORTS"],
    machineOnly: true,
    planned: true,
  }),
  trustEdits: flag(false, {
    description: "Whether changed plugin code runs without a new approval; for authors",
    machineOnly: true,
    planned: true,
  }),
});
