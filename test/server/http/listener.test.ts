import { expect, test } from "bun:test";
import { Listener } from "../../../server/http/listener.ts";
import { Sockets } from "../../../server/http/socket.ts";
import { Traffic } from "../../../server/http/traffic.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";

test.each([
  ["0.0.0.0", false, "http://0.0.0.0:8000", "http://127.0.0.1:8000"],
  ["0.0.0.0", true, "https://0.0.0.0:8000", "https://127.0.0.1:8000"],
  ["::", true, "https://[::]:8000", "https://[::1]:8000"],
  ["192.0.2.7", true, "https://192.0.2.7:8000", "https://192.0.2.7:8000"],
])(
  "listening on %s (HTTPS: %p), the address to open is one that can be",
  (host, hasTls, address, openable) => {
    const listener = new Listener({
      host,
      port: 8_000,
      hasTls,
      httpPort: 0,
      controlSocket: "",
      answer: async () => undefined,
      sockets: new Sockets([], new Traffic()),
      clock: new ManualClock(),
      log: silentLogger,
    });
    expect(listener.address).toBe(address);
    expect(listener.openableAddress).toBe(openable);
  },
);
