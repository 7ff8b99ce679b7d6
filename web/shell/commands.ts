import type { MenuItem } from "../components/bn-menu.ts";
import type { Parts } from "../compose.ts";
import type { PaletteEntry } from "./palette-entries.ts";
import type { ShortcutCommand } from "./shortcuts.ts";

/** What the shell does on behalf of its menus. */
export interface CommandRunner {
  run(command: ShortcutCommand): void;
  signOut(): void;
}

/** The commands of the search palette. */
export function commandEntries({ time }: Pick<Parts, "time">, runner: CommandRunner): PaletteEntry[] {
  const entry = (
    label: string,
    hint: string,
    icon: PaletteEntry["icon"],
    target: () => void,
  ): PaletteEntry => ({ group: "Commands", label, hint, icon, target });
  return [
    entry("Switch theme", "t", "theme", () => runner.run("theme")),
    time.isLive
      ? entry("Pause live values", "p", "pause", () => runner.run("pause"))
      : entry("Follow live values", "p", "play", () => runner.run("pause")),
    entry("Narrow or widen the navigation", "[", "panel-left", () => runner.run("fold")),
    entry("Show all keys", "?", "keyboard", () => runner.run("help")),
    entry("Sign out", "", "sign-out", () => runner.signOut()),
  ];
}

/** The items of the account menu. */
export function accountMenu({ theme }: Pick<Parts, "theme">, runner: CommandRunner): MenuItem[] {
  return [
    { label: "Your account", icon: "user", run: () => runner.run("account") },
    {
      label: "Theme",
      icon: "theme",
      hint: theme.theme.value,
      isSwitch: true,
      run: () => runner.run("theme"),
    },
    { label: "Keys", icon: "keyboard", hint: "?", run: () => runner.run("help") },
    { label: "Sign out", icon: "sign-out", run: () => runner.signOut() },
  ];
}
