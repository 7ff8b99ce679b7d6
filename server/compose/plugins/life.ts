import { changedAt, FolderWatch } from "../../plugins/folder-watch.ts";
import type { Hooks } from "../../plugins/hooks/hooks.ts";
import { startPluginJobs } from "../../plugins/jobs.ts";
import type { Supervisor } from "../../plugins/supervision/supervisor.ts";
import { letGoOfRemoved } from "../../plugins/upkeep.ts";
import type { PluginBase } from "./ground.ts";
import type { Library } from "./library.ts";
import type { Processes } from "./processes.ts";

const MS_PER_SECOND = 1_000;

/** How it begins and ends. */
export function lifeOf(
  base: PluginBase,
  pluginsFolder: string,
  { supervisor, hooks }: { supervisor: Supervisor; hooks: Hooks },
  library: Library,
  { state, configurations }: Processes,
) {
  const { configuration, clock, timers, incidents, databases, secrets } = base;
  const { installer, content, store: plugins, approvalStore: approvals, healthHistory: health } = library;
  const database = databases.state;
  /** When an entry of the plugins folder last came or went, before the last look began. */
  let lookedAt: number | undefined;
  const look = async (): Promise<void> => {
    lookedAt = changedAt(pluginsFolder);
    // File systems tell the machine's time, whatever clock the server has.
    const beganMs = Date.now();
    await supervisor.refresh();
    if (!hasStopped) watch.follow(supervisor.folders, beganMs);
  };
  /** The look that a notice of the kernel has caused last. */
  let noticedLook: Promise<void> = Promise.resolve();
  const lookSoon = (): void => {
    noticedLook = look().catch((error: unknown) => incidents.record(error, { where: "the plugins folder" }));
  };
  /** The settings of the server say which plugins run, and with what configuration. */
  const settingsChanged = async (): Promise<void> => {
    await look();
    await supervisor.reconfigure(() => true);
  };
  const secretChanged = async (name: string): Promise<void> => {
    // One that is set together with other fields is given to the plugin together with them.
    await configurations.settled();
    await supervisor.reconfigure((one) => configurations.reads(one, name));
  };
  const soon = (work: Promise<void>): void => {
    work.catch((error: unknown) => incidents.record(error, { where: "the configuration of plugins" }));
  };
  const watch = new FolderWatch(clock, lookSoon);
  let unwatch: (() => void)[] = [];
  const upkeep = () =>
    letGoOfRemoved({ database, clock, installer, content, plugins, approvals, health, state });
  const start = async (): Promise<void> => {
    await installer.recover();
    await look();
    startPluginJobs(timers, { look, upkeep });
    if (hasStopped) return;
    unwatch = [
      configuration.watch(
        ({ plugins }) => plugins,
        () => soon(settingsChanged()),
      ),
      secrets.onChange((change) => {
        if (change.kind !== "key_rotated") soon(secretChanged(change.name));
      }),
    ];
  };
  let beginning: Promise<void> = Promise.resolve();
  let hasStopped = false;
  return {
    /** Looks what there is now, and puts it in force. */
    look,
    /** Settles once what has come into the plugins folder, and edits that the kernel told of, are looked at. */
    async noticed(): Promise<void> {
      watch.flush();
      await (changedAt(pluginsFolder) === lookedAt ? noticedLook : look());
    },
    /** Begins: looks what there is, and starts what runs from the start. Nobody waits for a slow plugin. */
    begin(): void {
      beginning = start().catch((error: unknown) =>
        incidents.record(error, { where: "the start of plugins", isUrgent: true }),
      );
    },
    /** Settles once everything that runs from the start is up, or known not to come up. */
    ready: (): Promise<void> => beginning,
    /** Ends every process; calls under way may finish within the server's time for that. */
    async stop(): Promise<void> {
      hasStopped = true;
      for (const end of unwatch) end();
      watch.stop();
      await supervisor.close(configuration.settings.server.drainSeconds * MS_PER_SECOND);
      await beginning;
      await hooks.settled();
    },
  };
}
