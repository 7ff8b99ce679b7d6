import type { AttentionItem } from "./attention-rules.ts";
import { type PluginNeed, pluginNeeds } from "./plugin-words.ts";
import type { Plugin, Sandbox } from "./plugins-types.ts";

/** What plugins need of a person, as the Overview and the list of plugins show it: worst first. */
export function attentionOf(plugins: readonly Plugin[], sandbox?: Sandbox): AttentionItem[] {
  return [...pluginNeeds(plugins).map(itemOf), ...sandboxItems(sandbox)];
}

const itemOf = ({ pluginId, severity, title, detail, action, since }: PluginNeed): AttentionItem => ({
  id: `plugin ${pluginId}`,
  severity,
  title,
  detail,
  action,
  ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
});

function sandboxItems(sandbox: Sandbox | undefined): AttentionItem[] {
  if (sandbox === undefined || sandbox.level !== "process") return [];
  return [
    {
      id: "sandbox",
      severity: sandbox.isRequired ? "watch" : "alarm",
      title: "This machine cannot hold plugins in a sandbox",
      detail: `${sandbox.isRequired ? "Plugins from outside are refused." : "They run all the same, as the settings say."} ${sandbox.message}`,
      action: { label: "See the plugins", href: "/plugins" },
    },
  ];
}
