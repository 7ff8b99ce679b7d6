import { html } from "lit";
import type { PluginVerb } from "../../../schema/rules/plugins.ts";
import { type Confirmation, confirmStep } from "../../components/bn-dialog.ts";
import type { IconName } from "../../components/icons.ts";
import { grantWords, kindWord } from "../../data/permission-words.ts";
import { nameOf, VERB_WORDS } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import type { Session } from "../../data/session.ts";
import type { Toast, Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";

/** Verbs that have a tab of their own instead of a button. */
const TABS_OF_VERBS: ReadonlySet<PluginVerb> = new Set(["approve", "execute"]);
const ADMIN_VERBS: ReadonlySet<PluginVerb> = new Set(["approve", "remove", "reload"]);

export const VERB_ICONS: Partial<Record<PluginVerb, IconName>> = {
  start: "play",
  resume: "play",
  pause: "pause",
  stop: "stop",
  reload: "reload",
  enable: "check",
  disable: "ban",
  release: "check",
  remove: "trash",
};

/** The verbs to offer as buttons: what the plugin's state allows, and the reader's rights. */
export function offeredVerbs(plugin: Plugin, session: Session | undefined): PluginVerb[] {
  // What is blocked cannot be started: its notice says what comes before.
  const isBlocked = plugin.pid === null && plugin.block !== null && plugin.block.code !== "failed";
  return plugin.verbs.filter(
    (verb) => !TABS_OF_VERBS.has(verb) && isAllowed(verb, session) && !(verb === "start" && isBlocked),
  );
}

/** Whether the reader may do this at all. */
export const isAllowed = (verb: PluginVerb, session: Session | undefined): boolean =>
  session?.can(ADMIN_VERBS.has(verb) ? "plugins:admin" : "plugins:write") === true;

/**
 * Whether to offer a copy: of what takes alerts somewhere, for a second target, and of what ships, to be configured
 * twice. An author's own plugin is copied where its files are.
 */
export const canCopy = ({ type, origin }: Plugin, session: Session | undefined): boolean =>
  (type === "alert" || origin === "bundled") && session?.can("plugins:admin") === true;

/** What has to be said before a verb; undefined where nothing is lost. */
function warningOf(plugin: Plugin, verb: PluginVerb): Confirmation | undefined {
  const name = nameOf(plugin);
  if (verb === "remove")
    return {
      heading: `Remove ${name}?`,
      consequence:
        "Calls under way finish, new ones are refused, and what it registered is marked deprecated. Its state and settings are kept for a while, in which it can be brought back from the list of plugins.",
      verb: `Remove ${name}`,
    };
  if (verb === "enable" && plugin.block?.code === "awaiting_approval")
    return {
      heading: `Enable ${name}?`,
      consequence: html`Enabling it approves what it asks for:
        ${plugin.permissions.map(({ kind, text, why }) => html`<br />${kindWord(kind)}: ${grantWords(text)} (${foreignText(why)})`)}`,
      verb: `Approve and enable ${name}`,
      isHarmless: true,
    };
  if (verb === "disable")
    return {
      heading: `Disable ${name}?`,
      consequence:
        "Calls under way finish, new ones are refused with 503 until it is enabled again, also after a restart of the server.",
      verb: `Disable ${name}`,
    };
  if (verb === "release")
    return {
      heading: `Release ${name} from quarantine?`,
      consequence: `It will be started again as it is. It was stopped because: ${foreignText(plugin.quarantine?.reason ?? "it crashed too often")}`,
      verb: `Release ${name}`,
      isHarmless: true,
    };
  return undefined;
}

/**
 * Does what was pressed, after asking where something would be lost.
 * @returns what to tell; undefined when the reader thought better of it.
 * @throws ApiProblem when the server refuses.
 */
export async function performVerb(
  plugins: Plugins,
  plugin: Plugin,
  verb: PluginVerb,
): Promise<string | undefined> {
  const warning = warningOf(plugin, verb);
  if (warning !== undefined && !(await confirmStep(warning))) return undefined;
  switch (verb) {
    case "enable":
    case "disable":
      await plugins.enable(plugin.id, verb === "enable");
      break;
    case "remove":
      await plugins.remove(plugin.id);
      break;
    case "approve":
    case "execute":
      throw new Error(`${verb} has a tab of its own`);
    default:
      await plugins.activate(plugin.id, verb);
  }
  return `${nameOf(plugin)} ${VERB_WORDS[verb].told}`;
}

/** What takes a verb back, for the message that tells of it; only a removal has one. */
export function undoOf(
  { plugins, toasts, after }: { plugins: Plugins; toasts: Toasts | undefined; after: () => Promise<void> },
  plugin: Plugin,
  verb: PluginVerb,
): Toast["action"] {
  if (verb !== "remove") return undefined;
  const restore = async (): Promise<void> => {
    try {
      await plugins.restore(plugin.id);
      toasts?.say(`${nameOf(plugin)} is back`);
    } catch (error) {
      toasts?.sayFailure(error);
    }
    await after();
  };
  return { label: "Undo", run: () => void restore() };
}
