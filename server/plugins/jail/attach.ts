import { FdSocket } from "./fd-socket.ts";
import type { ByteSocket } from "./jailed-process.ts";
import { lockdown } from "./lockdown.ts";

/** Where the jail's channel is. */
const CHANNEL_FD = 3;

/** The child's first byte: it has booted and is locked down. What follows belongs to the host. */
export const READY = 0x06;

/**
 * The plugin host's end of the channel. It opens only behind the second filter. When the server's end is gone the process
 * ends at once, whatever its workers are doing.
 * @throws JailFailure when the process cannot be locked down
 */
export function attachToParent(): ByteSocket {
  lockdown();
  const socket = FdSocket.over(CHANNEL_FD);
  socket.onClose(() => process.kill(process.pid, "SIGKILL"));
  socket.write(Uint8Array.of(READY));
  return socket;
}
