/** The keys that work everywhere; the `?` list and the key handler read this one table. */
export const SHORTCUTS = [
  { keys: "Ctrl K", command: "search", words: "Search or run a command" },
  { keys: "/", command: "search", words: "Search or run a command" },
  { keys: "g o", command: "overview", words: "Go to the overview" },
  { keys: "g m", command: "metrics", words: "Go to metrics" },
  { keys: "g l", command: "logs", words: "Go to logs" },
  { keys: "g p", command: "plugins", words: "Go to plugins" },
  { keys: "g u", command: "users", words: "Go to users and tokens" },
  { keys: "g a", command: "account", words: "Go to your account" },
  { keys: "p", command: "pause", words: "Pause or follow live values" },
  { keys: "t", command: "theme", words: "Next theme: system, dark, light" },
  { keys: "[", command: "fold", words: "Narrow or widen the navigation" },
  { keys: "?", command: "help", words: "Show this list" },
] as const;

export type ShortcutCommand = (typeof SHORTCUTS)[number]["command"];

/** What a focused chart listens to; shown in the same list. */
export const CHART_KEYS = [
  { keys: "← →", words: "Move the crosshair" },
  { keys: "Shift ← →", words: "Pan back and forward" },
  { keys: "+ −", words: "Zoom in and out" },
  { keys: "0 or Esc", words: "Back out of the zoom" },
] as const;

/** What the lines of a log listen to. */
export const LOG_KEYS = [
  { keys: "/", words: "Search" },
  { keys: "j k ↑ ↓", words: "From line to line" },
  { keys: "Enter Esc", words: "Open and close a line" },
  { keys: "Home End", words: "To the oldest, to the newest" },
] as const;

const SEQUENCE_MS = 1200;

/** Understands single keys and two-key sequences (`g` then `m`). Times are epoch milliseconds. */
export class ShortcutReader {
  #prefix = "";
  #prefixAtMs = 0;

  /** The command a key press completes; undefined when it completes none. */
  read(
    event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
    isTyping: boolean,
    nowMs: number,
  ): ShortcutCommand | undefined {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return "search";
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const isSequence = this.#prefix !== "" && nowMs - this.#prefixAtMs <= SEQUENCE_MS;
    const pressed = isSequence ? `${this.#prefix} ${event.key}` : event.key;
    this.#prefix = "";
    const found = SHORTCUTS.find((shortcut) => shortcut.keys === pressed);
    if (found !== undefined) return found.command;
    if (SHORTCUTS.some((shortcut) => shortcut.keys.startsWith(`${event.key} `))) {
      this.#prefix = event.key;
      this.#prefixAtMs = nowMs;
    }
    return undefined;
  }
}

/** True while keys belong to a field rather than to the page. */
export function isTypingTarget(path: readonly EventTarget[]): boolean {
  const [target] = path;
  if (!(target instanceof HTMLElement)) return false;
  return ["input", "textarea", "select"].includes(target.localName) || target.isContentEditable;
}
