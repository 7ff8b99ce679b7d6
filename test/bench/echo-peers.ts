import { FdSocket } from "../../server/plugins/jail/fd-socket.ts";

/** The least that an answer from elsewhere costs; one message under way at a time. */
export interface EchoPeer {
  echo(text: string): Promise<unknown>;
  end(): void;
}

const BARE_WORKER = "self.onmessage = ({ data }) => self.postMessage(data);";

/** A worker of this process, by `postMessage`. */
export function bareWorker(): EchoPeer {
  const address = URL.createObjectURL(new Blob([BARE_WORKER], { type: "application/javascript" }));
  const worker = new Worker(address);
  let answered = (_: unknown): void => undefined;
  worker.onmessage = ({ data }) => answered(data);
  return {
    echo(text) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      answered = resolve;
      worker.postMessage({ text });
      return promise;
    },
    end() {
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
}

/** Another process, by a pair of sockets: what the kernel itself takes to wake one process and then the other. */
export function bareProcess(): EchoPeer {
  const child = Bun.spawn([process.execPath, new URL("echo-process.ts", import.meta.url).pathname], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const descriptor = child.stdio[3];
  if (typeof descriptor !== "number") throw new Error("The process was given no pair of sockets.");
  const socket = FdSocket.over(descriptor);
  const encoder = new TextEncoder();
  let answered = (_: unknown): void => undefined;
  socket.onData((bytes) => answered(bytes));
  return {
    echo(text) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      answered = resolve;
      socket.write(encoder.encode(text));
      return promise;
    },
    end() {
      socket.close();
      child.kill();
    },
  };
}
