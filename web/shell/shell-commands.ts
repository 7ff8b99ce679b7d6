import type { Parts } from "../compose.ts";
import { ANONYMOUS_ID } from "../data/session.ts";
import type { CommandRunner } from "./commands.ts";
import type { ShortcutCommand } from "./shortcuts.ts";
import { timeSuffix } from "./time-address.ts";

/** What the frame around the pages does itself. */
interface Frame {
  search(): void;
  fold(): void;
  help(): void;
}

/** Carries out what keys, menus and the search palette ask for. */
export class ShellCommands implements CommandRunner {
  readonly #parts: Parts;
  readonly #commands: Record<ShortcutCommand, () => void>;

  constructor(parts: Parts, frame: Frame) {
    this.#parts = parts;
    const go = (path: string) => () => parts.router.navigate(path);
    const goWithTime = (path: string) => () => parts.router.navigate(path + timeSuffix(parts));
    this.#commands = {
      search: () => frame.search(),
      overview: goWithTime("/"),
      metrics: goWithTime("/metrics"),
      logs: goWithTime("/logs"),
      plugins: go("/plugins"),
      users: go("/users"),
      account: go("/account"),
      pause: () => parts.time.togglePause(),
      theme: () => void this.#nextTheme(),
      fold: () => frame.fold(),
      help: () => frame.help(),
    };
  }

  run(command: ShortcutCommand): void {
    this.#commands[command]();
  }

  signOut(): void {
    void this.#signOut();
  }

  async #nextTheme(): Promise<void> {
    const { theme, preferences, toasts } = this.#parts;
    const { next } = theme;
    toasts.say(`Theme: ${next}`, "info");
    try {
      await preferences.change({ theme: next });
    } catch (error) {
      toasts.sayFailure(error);
    }
  }

  async #signOut(): Promise<void> {
    const { session, router, toasts } = this.#parts;
    const who = session.state.value;
    if (who.kind === "signed-in" && who.user.id === ANONYMOUS_ID) {
      router.navigate("/sign-in");
      return;
    }
    try {
      const elsewhere = await session.signOut();
      if (elsewhere !== undefined) globalThis.location.assign(elsewhere);
    } catch (error) {
      toasts.sayFailure(error);
    }
  }
}
