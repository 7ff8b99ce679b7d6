import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "../../../server/plugins/model.ts";
import { type RunningApp, type StartAppOptions, startApp, type TestClient } from "../../support/start-app.ts";

/** A manifest and a module of a folder `id`. */
export interface PluginFiles {
  manifest?: Record<string, unknown>;
  /** Body of the definition: `execute: () => 1`. */
  definition: string;
}

const HEAD = 'import { definePlugin } from "binnacle";\n';

/** The whole of Binnacle in this process with a plugins folder of its own; its plugins are real, jailed processes. */
export class PluginApp implements AsyncDisposable {
  readonly app: RunningApp;
  readonly admin: TestClient;
  /** The plugins folder. */
  readonly folder: string;

  private constructor(app: RunningApp, admin: TestClient) {
    this.app = app;
    this.admin = admin;
    this.folder = join(app.parts.folder.paths.root, "plugins");
  }

  static async start(options: StartAppOptions = {}): Promise<PluginApp> {
    const app = await startApp({ withJobs: true, ...options });
    await app.parts.pluginSystem?.ready();
    return new PluginApp(app, await app.session("admin"));
  }

  get system() {
    const { pluginSystem } = this.app.parts;
    if (!pluginSystem) throw new Error("Plugins are off.");
    return pluginSystem;
  }

  /** Writes `hello.ts` and looks. */
  async putFile(name: string, definition: string): Promise<void> {
    this.write(name, `${HEAD}export default definePlugin({ ${definition} });\n`);
    await this.system.look();
  }

  /** Writes a folder with a manifest and looks. */
  async put(id: string, { manifest = {}, definition }: PluginFiles): Promise<void> {
    const whole = { id, version: "1.0.0", type: "custom", main: "main.ts", ...manifest };
    this.write(`${id}/plugin.json`, JSON.stringify(whole));
    this.write(`${id}/main.ts`, `${HEAD}export default definePlugin({ ${definition} });\n`);
    await this.system.look();
  }

  /** Writes a file in the plugins folder, without looking. */
  write(path: string, text: string): void {
    const target = join(this.folder, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileSync(target, text);
  }

  /** Takes a file or folder away, and looks. */
  async take(path: string): Promise<void> {
    rmSync(join(this.folder, path), { recursive: true });
    await this.system.look();
  }

  async plugin(id: string): Promise<Plugin> {
    const response = await this.admin.get(`/api/v3/plugins/${id}`);
    return (await response.json()) as Plugin;
  }

  /** Settles once the process that takes the plugin's calls now has ended. */
  ending(id: string): Promise<unknown> {
    const { process } = this.system.verbs.plugins.get(id).unit;
    if (!process) throw new Error(`${id} has no process.`);
    return process.exited;
  }

  /** Status, and the result or the error's code. */
  async execute(name: string, input: unknown = null): Promise<[number, unknown]> {
    const response = await this.admin.send("POST", "/api/v3/plugins/execute", { name, input });
    const body = (await response.json()) as { result?: unknown; code?: string };
    return [response.status, response.ok ? body.result : body.code];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
  }
}
