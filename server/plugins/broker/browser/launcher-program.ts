import { dlopen, FFIType, ptr } from "bun:ffi";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { chromiumArguments } from "./chromium-flags.ts";
import type { LaunchOrder } from "./launcher.ts";

const CLONE_NEWIPC = 0x0800_0000;
const CLONE_NEWNET = 0x4000_0000;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914n;
const IFF_UP_AND_RUNNING = 0x41;
const IFREQ_BYTES = 40;
const IFREQ_FLAGS_OFFSET = 16;
/** Of the DevTools pipe, as Chromium expects them: it reads 3 and writes 4. */
const DEVTOOLS_INPUT = 3;
const DEVTOOLS_OUTPUT = 4;
const REMOVAL_TRIES = 5;

/**
 * The program between the server and a browser (`binnacle __browser`): moves into a network of its own that holds
 * nothing but loopback, gives up every right, offers the server's proxy on loopback there, and starts Chromium. So
 * whatever the browser tries, the kernel knows no other way out than the proxy. It ends with its standard input.
 */
export async function runBrowserLauncher(): Promise<never> {
  const order = JSON.parse(process.argv[3] ?? "") as LaunchOrder;
  if (order.identity) confine(order.identity, order.ownNetwork);
  const relay = await openRelay(order.proxySocket);
  const browser = Bun.spawn([order.chromium, ...chromiumArguments({ ...order, proxyPort: relay.port })], {
    cwd: order.profile,
    env: process.env,
    stdio: ["ignore", "ignore", "inherit", DEVTOOLS_INPUT, DEVTOOLS_OUTPUT],
  });
  const orphaned = Array.fromAsync(Bun.stdin.stream());
  await Promise.race([browser.exited, orphaned]);
  browser.kill("SIGKILL");
  await browser.exited;
  // The server does it too, unless it is gone itself.
  rmSync(order.profile, { recursive: true, force: true, maxRetries: REMOVAL_TRIES });
  // The relay and the standard input would keep it alive.
  process.exit(browser.exitCode ?? 1);
}

/** Offers on loopback what listens on the socket file `path`. */
async function openRelay(path: string): Promise<{ port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
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

function confine({ uid, gid }: { uid: number; gid: number }, ownNetwork: boolean): void {
  const { symbols: libc } = dlopen("libc.so.6", {
    unshare: { args: [FFIType.i32], returns: FFIType.i32 },
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
    must("unshare", libc.unshare(CLONE_NEWNET | CLONE_NEWIPC));
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
