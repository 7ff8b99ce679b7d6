import { AppError } from "../../errors/app-error.ts";
import type { LifeVerb } from "../../plugins/life-verbs.ts";
import type { Plugin } from "../../plugins/model.ts";
import { withClient } from "../connect.ts";
import type { ConnectionOptions } from "../options.ts";
import { Terminal } from "../terminal.ts";
import { FullScreen } from "./full-screen.ts";
import { PluginApi } from "./plugin-api.ts";
import { readKeys, type TopAction } from "./top-keys.ts";
import { drawTop } from "./top-view.ts";

const REFRESH_MS = 1_000;

/**
 * `plugin top`: all plugins on the whole screen, live. The terminal is given back as it was, however it ends.
 * @throws AppError `invalid_request` when there is no terminal
 */
export async function showTop(options: ConnectionOptions): Promise<void> {
  if (options.json)
    throw new AppError("invalid_request", "plugin top is for people; use plugin list --json.");
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    throw new AppError("invalid_request", "plugin top needs a terminal; use plugin list.");
  }
  await withClient(options, "running", async (client) => {
    const api = new PluginApi(client);
    // The first look happens on the ordinary screen: a refusal is one line there.
    const plugins = await api.list();
    using screen = new FullScreen();
    await new Top(api, screen, client.target, plugins).run();
  });
}

/** What is seen and selected, and what keys do with it. */
class Top {
  readonly #api: PluginApi;
  readonly #screen: FullScreen;
  readonly #target: string;
  readonly #terminal = new Terminal({});
  readonly #quit = Promise.withResolvers<void>();
  #plugins: readonly Plugin[];
  #selected: string | undefined;
  #message = "";
  #isFailure = false;
  #isBusy = false;
  #hasQuit = false;

  constructor(api: PluginApi, screen: FullScreen, target: string, plugins: readonly Plugin[]) {
    this.#api = api;
    this.#screen = screen;
    this.#target = target;
    this.#plugins = plugins;
    this.#selected = plugins[0]?.id;
  }

  /** Until somebody has enough. */
  async run(): Promise<void> {
    this.#screen.onInput((text) => {
      for (const action of readKeys(text)) this.#take(action);
    });
    this.#screen.onResize(() => this.#draw());
    this.#screen.onEnd(() => this.#leave());
    this.#draw();
    const timer = setInterval(() => this.#later(this.#refresh()), REFRESH_MS);
    await this.#quit.promise.finally(() => clearInterval(timer));
  }

  #take(action: TopAction): void {
    const plugin = this.#plugins.find(({ id }) => id === this.#selected);
    if (action === "quit") this.#leave();
    else if (action === "up") this.#select(-1);
    else if (action === "down") this.#select(1);
    else if (action === "first") this.#select(-this.#plugins.length);
    else if (action === "last") this.#select(this.#plugins.length);
    else if (plugin) {
      const verb = verbFor(action, plugin);
      if (verb) this.#later(this.#act(plugin, verb));
      else this.#tell(whyNot(action, plugin), false);
    }
  }

  #select(step: number): void {
    const index = this.#plugins.findIndex(({ id }) => id === this.#selected) + step;
    this.#selected = this.#plugins[Math.min(Math.max(0, index), this.#plugins.length - 1)]?.id;
    this.#draw();
  }

  async #act({ id }: Plugin, verb: LifeVerb): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#tell(`${id}: ${verb} …`, false);
    try {
      const after = await this.#api.act(id, verb);
      this.#tell(
        `${id} is ${after.state}.${after.block ? ` ${after.block.message}` : ""}`,
        after.block !== null,
      );
    } finally {
      this.#isBusy = false;
    }
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const isLost = this.#isFailure;
    this.#plugins = await this.#api.list();
    if (!this.#plugins.some(({ id }) => id === this.#selected)) this.#selected = this.#plugins[0]?.id;
    if (isLost && this.#message.startsWith("Cannot reach")) this.#tell("", false);
    this.#draw();
  }

  /** What fails is shown; the next look may succeed. */
  #later(work: Promise<void>): void {
    work.catch((error: unknown) => this.#tell(error instanceof Error ? error.message : String(error), true));
  }

  #tell(message: string, isFailure: boolean): void {
    this.#message = message;
    this.#isFailure = isFailure;
    this.#draw();
  }

  #draw(): void {
    if (this.#hasQuit) return;
    const { columns, rows } = this.#screen;
    this.#screen.show(
      drawTop(
        {
          ...{ plugins: this.#plugins, selected: this.#selected, target: this.#target },
          ...{ message: this.#message, isFailure: this.#isFailure, columns, rows },
        },
        this.#terminal,
      ),
    );
  }

  #leave(): void {
    this.#hasQuit = true;
    this.#quit.resolve();
  }
}

/** What a key means for a plugin as it is; undefined when that is so already. */
function verbFor(action: TopAction, { state, verbs }: Plugin): LifeVerb | undefined {
  const wanted: LifeVerb =
    action === "run" ? (state === "paused" ? "resume" : "start") : action === "pause" ? "pause" : "stop";
  return verbs.includes(wanted) ? wanted : undefined;
}

/** What is said when the state of the plugin leaves nothing to do. */
function whyNot(action: "run" | "pause" | "stop", { id, state, enabled }: Plugin): string {
  if (action === "run" && !enabled) return `${id} is disabled; to let it run: binnacle plugin enable ${id}`;
  return `${id} is ${state}: there is nothing to ${action === "run" ? "start" : action}.`;
}
