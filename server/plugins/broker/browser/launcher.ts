import { readdirSync, statSync } from "node:fs";
import { errorCodeOf } from "../../../errors/app-error.ts";
import { selfCommand } from "../../jail/self-command.ts";

/** First argument of this executable that makes it the launcher; `main.ts` knows it. */
export const LAUNCHER_ARGUMENT = "__browser";
const MAX_STDERR_CHARACTERS = 4_096;
const MAX_SWEEPS = 5;

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
}

/** A browser that was started. */
export interface LaunchedBrowser {
  readonly pid: number;
  readonly toBrowserFd: number;
  readonly fromBrowserFd: number;
  /** Settles when the launcher has ended, with the last words of the browser. */
  readonly exited: Promise<string>;
  /** SIGKILL to all of its processes. */
  kill(): void;
}

/** Starts the launcher with an environment built from nothing. */
export function launchBrowser(order: LaunchOrder): LaunchedBrowser {
  const { profile } = order;
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
    },
    stdio: ["pipe", "ignore", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const [, , , toBrowserFd, fromBrowserFd] = launcher.stdio;
  if (typeof toBrowserFd !== "number" || typeof fromBrowserFd !== "number") {
    throw new Error("The browser's pipes could not be made.");
  }
  const words = lastWords(launcher.stderr);
  return {
    pid: launcher.pid,
    toBrowserFd,
    fromBrowserFd,
    exited: launcher.exited.then(() => words),
    kill: () => killAll(launcher.pid, order.identity),
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
function killAll(pid: number, identity: BrowserIdentity | undefined): void {
  signal(-pid);
  if (!identity) return;
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const left = processesOf(identity.uid);
    if (left.length === 0) return;
    for (const one of left) signal(one);
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCodeOf(error) !== "ESRCH") throw error;
  }
}

/** Ids of the living processes of one user. */
export function processesOf(uid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => ownerOf(pid) === uid);
}

function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
