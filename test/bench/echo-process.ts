import { FdSocket } from "../../server/plugins/jail/fd-socket.ts";

/** The raw limit: a process that sends back what comes over descriptor 3. */
const socket = FdSocket.over(3);
socket.onData((bytes) => socket.write(bytes.slice()));
socket.onClose(() => process.exit());
