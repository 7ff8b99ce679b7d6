import { dlopen, FFIType, ptr } from "bun:ffi";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { errorCodeOf } from "../../../errors/app-error.ts";
import { enterOwnNamespaces } from "../../jail/namespaces.ts";
import { chromiumArguments } from "./chromium-flags.ts";
import type { LaunchOrder } from "./launcher.ts";
import { removeProfile } from "./remove-profile.ts";

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914n;
const IFF_UP_AND_RUNNING = 0x41;
const IFREQ_BYTES = 40;
const IFREQ_FLAGS_OFFSET = 16;
/** Of the DevTools pipe, as Chromium expects them: it reads 3 and writes 4. */
const DEVTOOLS_INPUT = 3;
const DEVTOOLS_OUTPUT = 4;
/** Columns of /proc/net/tcp. */
const LOCAL_FIELD = 1;
const REMOTE_FIELD = 2;
const UID_FIELD = 7;

/**
 * The program between the server and a browser (`binnacle __browser`): moves into a network of its own that holds
 * nothing but loopback, gives up every right, offers the server's proxy on loopback there, and starts Chromium. So
 * whatever the browser tries, the kernel knows no other way out than the proxy. It ends with its standard input.
 */
export async function runBrowserLauncher(): Promise<never> {
  const order = JSON.parse(process.argv[3] ?? "") as LaunchOrder;
  if (order.identity) confine(order.identity, order.ownNetwork);
  const relay = await openRelay(order.proxySocket, order.ownNetwork);
  const browser = Bun.spawn(
    [
      order.chromium,
      ...chromiumArguments({ ...order, proxyPort: relay.port, isVisible: order.display !== undefined }),
    ],
    {
      cwd: order.profile,
      env: process.env,
      stdio: ["ignore", "ignore", "inherit", DEVTOOLS_INPUT, DEVTOOLS_OUTPUT],
    },
  );
  const orphaned = Array.fromAsync(Bun.stdin.stream());
  await Promise.race([browser.exited, orphaned]);
  browser.kill("SIGKILL");
  await browser.exited;
  // The server does it too, unless it is gone itself.
  if (order.identity) endAllOfThisUser();
  await removeProfile(order.profile);
  // The relay and the standard input would keep it alive.
  process.exit(browser.exitCode ?? 1);
}

/** Nobody else has this user, so all that it may signal is of this browser; kill(2) spares the caller. */
function endAllOfThisUser(): void {
  try {
    process.kill(-1, "SIGKILL");
  } catch (error) {
    if (errorCodeOf(error) !== "ESRCH") throw error;
  }
}

/**
 * Offers on loopback what listens on the socket file `path`: to this user only. In a network of its own there is nobody else.
 */
async function openRelay(path: string, isAlone: boolean): Promise<{ port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (!isAlone && !isOwnConnection(socket.remotePort, socket.localPort)) {
      socket.destroy();
      return;
    }
    const proxy = connect({ path, allowHalfOpen: true });
    for (const [from, to] of [
      [socket, proxy],
      [proxy, socket],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.once("close", () => to.destroy());
    }
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The relay has no port.");
  return { port: address.port };
}

/**
 * Whether the other end of a loopback connection is a socket of this user: the kernel's table says whose it is
 * (Linux, Documentation/networking/proc_net_tcp.rst). Elsewhere it is taken to be.
 */
function isOwnConnection(remotePort: number | undefined, localPort: number | undefined): boolean {
  if (process.platform !== "linux" || remotePort === undefined || localPort === undefined) {
    return process.platform !== "linux";
  }
  const end = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync("/proc/net/tcp", "latin1").split("\n").slice(1);
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find((fields) => {
      return fields[LOCAL_FIELD] === end(remotePort) && fields[REMOTE_FIELD] === end(localPort);
    });
  return row !== undefined && Number(row[UID_FIELD]) === process.getuid?.();
}

/**
 * Not as the jail does it: no exec follows, so every thread has to change its identity, which is what the C library's own
 * functions do; and Chromium's sandbox may be a set-user-id program, which no_new_privs and an empty bounding set forbid.
 * Away from uid 0 no capability is left.
 */
function confine({ uid, gid }: { uid: number; gid: number }, ownNetwork: boolean): void {
  const { symbols: libc } = dlopen("libc.so.6", {
    socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
    setgroups: { args: [FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
    setresgid: { args: [FFIType.u32, FFIType.u32, FFIType.u32], returns: FFIType.i32 },
    setresuid: { args: [FFIType.u32, FFIType.u32, FFIType.u32], returns: FFIType.i32 },
  });
  const must = (step: string, outcome: number): number => {
    if (outcome < 0) throw new Error(`The browser cannot be confined: ${step} failed.`);
    return outcome;
  };
  if (ownNetwork) {
    enterOwnNamespaces();
    const request = new Uint8Array(IFREQ_BYTES);
    request.set(new TextEncoder().encode("lo"));
    new DataView(request.buffer).setInt16(IFREQ_FLAGS_OFFSET, IFF_UP_AND_RUNNING, true);
    const control = must("socket", libc.socket(AF_INET, SOCK_DGRAM, 0));
    must("bringing loopback up", libc.ioctl(control, SIOCSIFFLAGS, ptr(request)));
  }
  must("setgroups", libc.setgroups(0, null));
  must("setresgid", libc.setresgid(gid, gid, gid));
  must("setresuid", libc.setresuid(uid, uid, uid));
}
