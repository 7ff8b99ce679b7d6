import type { PluginAnswer, PluginServer } from "./plugin-server.ts";

/** Callers of one plugin, each with a call under way at all times until they are told to stop. */
export class PluginCallers {
  /** Answers that were not 200. */
  readonly failed: PluginAnswer[] = [];
  /** Result of a call, as JSON → how often it was given. */
  readonly results = new Map<string, number>();
  answered = 0;
  readonly #callers: Promise<unknown>;
  #isOver = false;

  constructor(server: PluginServer, plugin: string, count: number) {
    this.#callers = Promise.all(Array.from({ length: count }, () => this.#call(server, plugin)));
  }

  /** No new calls; settles once those under way have been answered, or rejects with what broke a connection. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#callers;
  }

  async #call(server: PluginServer, plugin: string): Promise<void> {
    while (!this.#isOver) {
      const answer = await server.execute(plugin);
      this.answered++;
      const result = JSON.stringify(answer.body.result);
      if (answer.status === 200) this.results.set(result, (this.results.get(result) ?? 0) + 1);
      else this.failed.push(answer);
    }
  }
}
