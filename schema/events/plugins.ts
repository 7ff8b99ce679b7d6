import { count, type EventDefinition, payload, text } from "./definition.ts";

const plugin = {
  pluginId: text("Id of the plugin"),
  version: text("Its version; empty while it is not known"),
};
const why = { reason: text("Why") };
const failure = { code: text("Stable code of the failure"), message: text("Public sentence") };

/** What happens to plugins. What a person did carries their correlation id. */
export const pluginEvents = {
  "plugin.changed": {
    description: "Something of a plugin that its page shows has changed",
    payload: payload({
      ...plugin,
      state: text("How far it has come"),
      status: text("What its process does"),
      health: text("healthy, degraded, unhealthy or unknown"),
    }),
  },
  "plugin.registered": {
    description: "A plugin was found that was never here",
    payload: payload({ ...plugin, origin: text("bundled, folder or installed") }),
  },
  "plugin.approved": {
    description: "Somebody let a plugin's code use what it asks for",
    payload: payload({ ...plugin, digest: text("SHA-256 of what was approved") }),
  },
  "plugin.enabled": { description: "A plugin is wished to run", payload: payload(plugin) },
  "plugin.disabled": { description: "A plugin is wished not to run", payload: payload(plugin) },
  "plugin.started": {
    description: "A plugin's process is up and its code initialised",
    payload: payload({ ...plugin, startedInMs: count("From the order to the first call it can take") }),
  },
  "plugin.stopped": {
    description: "A plugin's process was ended in order",
    payload: payload({ ...plugin, ...why }),
  },
  "plugin.paused": { description: "A plugin takes no calls until it is resumed", payload: payload(plugin) },
  "plugin.resumed": { description: "A plugin takes calls again", payload: payload(plugin) },
  "plugin.reloaded": {
    description: "A plugin runs in a new process; the old one finished its calls",
    payload: payload({ ...plugin, fromVersion: text("Version that ran before") }),
  },
  "plugin.crashed": {
    description: "A plugin's process ended by itself",
    payload: payload({ ...plugin, ...why, crashes: count("Within the last five minutes") }),
  },
  "plugin.failed": {
    description: "A plugin that is wished to run does not, or a new build of it was not taken",
    payload: payload({ ...plugin, ...failure }),
  },
  "plugin.quarantined": {
    description: "A plugin crashed too often and is started no more until it is released or changed",
    payload: payload({ ...plugin, ...why }),
  },
  "plugin.released": {
    description: "A plugin left its quarantine",
    payload: payload({ ...plugin, ...why }),
  },
  "plugin.call_failed": {
    description: "Calls of a plugin failed; told at most once a minute for each plugin and code",
    payload: payload({ ...plugin, ...failure, failures: count("Since the last report") }),
  },
  "plugin.health_changed": {
    description: "A health check found a plugin in another state than the one before",
    payload: payload({
      ...plugin,
      from: text("healthy, degraded, unhealthy or unknown"),
      to: text("healthy, degraded, unhealthy or unknown"),
      message: text("What the plugin says of it"),
    }),
  },
  "plugin.permission_denied": {
    description:
      "A plugin asked for something it was not granted; told once a minute for each kind and target",
    payload: payload({
      pluginId: text("Id of the plugin"),
      kind: text("Kind of permission: net, read, run …"),
      target: text("What it asked for"),
    }),
  },
  "plugin.removed": {
    description: "A plugin was removed; it can be brought back for a while",
    payload: payload(plugin),
  },
  "plugin.restored": { description: "A removed plugin is back", payload: payload(plugin) },
} as const satisfies Record<string, EventDefinition>;
