import { join } from "node:path";
import { errorCodeOf } from "../../../errors/app-error.ts";
import { selfCommand } from "../../jail/self-command.ts";
import { type BrowserMark, privateBytesOf, processesOf } from "./browser-processes.ts";

/** First argument of this executable that makes it the launcher; `main.ts` knows it. */
const LAUNCHER_ARGUMENT = "__browser";
const MAX_STDERR_CHARACTERS = 4_096;
const MAX_SWEEPS = 100;
const SWEEP_MS = 20;

/** An unprivileged user of one browser's own. */
export interface BrowserIdentity {
  uid: number;
  gid: number;
}

/** What the launcher is told. */
export interface LaunchOrder {
  chromium: string;
  profile: string;
  /** Socket file of the filtering proxy. */
  proxySocket: string;
  /** Undefined when the server itself is unprivileged: then the browser runs as the same user. */
  identity?: BrowserIdentity;
  /** A network namespace with loopback alone; needs `identity`. */
  ownNetwork: boolean;
  width: number;
  height: number;
  /** X11 display on which it is seen; none: headless. */
  display?: string;
}

/** In the profile: what opens that display to the browser's user. */
export const AUTHORITY_FILE = ".Xauthority";

/** A browser that was started. */
export interface LaunchedBrowser {
  readonly pid: number;
  readonly toBrowserFd: number;
  readonly fromBrowserFd: number;
  /** Memory that all of its processes have for themselves. */
  memoryBytes(): number;
  /** SIGKILL to all of its processes. */
  kill(): void;
  /** Settles once none of its processes is left, with the last words of the browser. Call it after `kill`. */
  ended(): Promise<string>;
}

/** Starts the launcher with an environment built from nothing. */
export function launchBrowser(order: LaunchOrder): LaunchedBrowser {
  const { profile, display } = order;
  const { executable, args } = selfCommand();
  const launcher = Bun.spawn([executable, ...args, LAUNCHER_ARGUMENT, JSON.stringify(order)], {
    cwd: "/",
    env: {
      PATH: "/usr/bin:/bin",
      HOME: profile,
      TMPDIR: profile,
      XDG_CONFIG_HOME: profile,
      XDG_CACHE_HOME: profile,
      LANG: "C.UTF-8",
      ...(display === undefined ? {} : { DISPLAY: display, XAUTHORITY: join(profile, AUTHORITY_FILE) }),
      // From source Bun would keep a cache in the profile, as root, which the browser's user cannot remove.
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    },
    stdio: ["pipe", "ignore", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const [, , , toBrowserFd, fromBrowserFd] = launcher.stdio;
  if (typeof toBrowserFd !== "number" || typeof fromBrowserFd !== "number") {
    throw new Error("The browser's pipes could not be made.");
  }
  const mark = { uid: order.identity?.uid, group: launcher.pid };
  const words = lastWords(launcher.stderr);
  return {
    pid: launcher.pid,
    toBrowserFd,
    fromBrowserFd,
    memoryBytes: () => privateBytesOf(processesOf(mark)),
    kill: () => killAll(mark),
    ended: () => launcher.exited.then(() => endAll(mark)).then(() => words),
  };
}

async function lastWords(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of stream)
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-MAX_STDERR_CHARACTERS);
  return tail;
}

/** The group ends at once; a process that has left it still has the uid that nobody else has. */
function killAll(mark: BrowserMark): void {
  signal(-mark.group);
  if (mark.uid !== undefined) for (const pid of processesOf(mark)) signal(pid);
}

/** Kills until nothing is left: what was just being started when the first blow fell, too. */
async function endAll(mark: BrowserMark): Promise<void> {
  for (let sweep = 0; sweep < MAX_SWEEPS && processesOf(mark).length > 0; sweep++) {
    killAll(mark);
    await Bun.sleep(SWEEP_MS);
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCodeOf(error) !== "ESRCH") throw error;
  }
}
