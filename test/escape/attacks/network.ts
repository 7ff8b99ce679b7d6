import { ptr } from "bun:ffi";
import { type Family, sharing } from "../attack.ts";
import { buffer, CHANNEL, loopbackAddress, loopbackAddress6, sys, unixAddress } from "../plugin/kit.ts";

const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16, PACKET: 17, VSOCK: 40 };
const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3 };
const ETH_P_ALL_BE = 0x0300;
const MSG_OOB = 1;

const filter = {
  deniedBy: "filter",
  answers: ["EPERM"],
  seen: "failed call",
  control: "outside",
} as const;

const connect = (family: number, address: Uint8Array): number =>
  sys("connect", sys("socket", family, SOCK.STREAM, 0), address, address.length);

/** struct msghdr around one byte and one descriptor (SCM_RIGHTS). */
function messageWithDescriptor(descriptor: number): { header: BigUint64Array; kept: unknown[] } {
  const byte = buffer(1);
  const vector = BigUint64Array.of(BigInt(ptr(byte)), 1n);
  const control = new Uint8Array(24);
  new DataView(control.buffer).setBigUint64(0, 20n, true);
  new DataView(control.buffer).setInt32(8, 1, true);
  new DataView(control.buffer).setInt32(12, 1, true);
  new DataView(control.buffer).setInt32(16, descriptor, true);
  const header = BigUint64Array.of(0n, 0n, BigInt(ptr(vector)), 1n, BigInt(ptr(control)), 24n, 0n);
  return { header, kept: [byte, vector, control] };
}

/** Over a pair of its own outside, over the channel in the jail, where no pair can be made. */
function socketToSendOver(): number {
  const pair = new Int32Array(2);
  try {
    sys("socketpair", AF.UNIX, SOCK.STREAM, 0, pair);
    return pair[0] ?? CHANNEL;
  } catch {
    return CHANNEL;
  }
}

/** Sockets, however they are come by. */
export const network: Family = {
  title: "Network without the broker",
  reachesListeners: true,
  attacks: [
    ...sharing(filter, {
      "connect by TCP over IPv4": ({ port }) => connect(AF.INET, loopbackAddress(port)),
      "connect by TCP over IPv6": ({ port6 }) => connect(AF.INET6, loopbackAddress6(port6)),
      "send UDP": ({ udpPort }) =>
        sys("sendto", sys("socket", AF.INET, SOCK.DGRAM, 0), buffer(1), 1, 0, loopbackAddress(udpPort), 16),
      "connect to a Unix socket by its path, as to docker.sock": ({ socket }) =>
        connect(AF.UNIX, unixAddress(socket)),
      "connect to an abstract Unix socket": ({ abstractName }) =>
        connect(AF.UNIX, unixAddress(`\0${abstractName}`)),
      "make a netlink socket": () => sys("socket", AF.NETLINK, SOCK.RAW, 0),
      "listen on a port": () => {
        const listener = sys("socket", AF.INET, SOCK.STREAM, 0);
        sys("bind", listener, loopbackAddress(0), 16);
        return sys("listen", listener, 1);
      },
      "pass a descriptor on (SCM_RIGHTS)": () => {
        const { header, kept } = messageWithDescriptor(2);
        return [sys("sendmsg", socketToSendOver(), header, 0), kept];
      },
      "send an urgent byte (MSG_OOB)": () => sys("sendto", socketToSendOver(), buffer(1), 1, MSG_OOB, 0, 0),
      "make a pair of datagram sockets": () => sys("socketpair", AF.UNIX, SOCK.DGRAM, 0, buffer(8)),
      "connect with an addressed send": ({ udpPort }) => {
        const descriptor = tryDatagram();
        return sys("sendto", descriptor, buffer(1), 1, 0, loopbackAddress(udpPort), 16);
      },
    }),
    ...sharing(
      { ...filter, control: "outside as root" },
      {
        "capture packets": () => sys("socket", AF.PACKET, SOCK.RAW, ETH_P_ALL_BE),
      },
    ),
    ...sharing(
      { ...filter, answers: ["ECONNREFUSED", "ConnectionRefused"] },
      {
        "connect with Bun.connect": ({ port }) =>
          Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }),
      },
    ),
    ...sharing(
      { ...filter, answers: ["EPERM", "EACCES", "EADDRINUSE"] },
      { "serve with Bun.serve": () => Bun.serve({ port: 0, fetch: () => new Response() }).stop(true) },
    ),
    ...sharing(
      { ...filter, answers: ["DNS_EAI_AGAIN", "EAI_AGAIN", "DNS_ENOTFOUND"] },
      {
        "ask the machine's resolver for a name (DNS exfiltration)": () =>
          Bun.dns.lookup("localhost", { backend: "libc" }),
      },
    ),
    ...sharing(
      { ...filter, answers: ["ENOSYS"] },
      { "connect by io_uring": () => sys("io_uring_setup", 1, buffer(120)) },
    ),
  ],
};

/** A socket of its own, or what else there is to send from. */
function tryDatagram(): number {
  try {
    return sys("socket", AF.INET, SOCK.DGRAM, 0);
  } catch {
    return CHANNEL;
  }
}
