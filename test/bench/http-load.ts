/** What is sent again and again. */
export interface LoadRequest {
  method: "GET" | "POST";
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

const HEAD_END = "\r\n\r\n";
const CONNECTIONS = 16;

/**
 * Sends `count` requests over 16 kept-alive connections, one at a time on each, and waits for the answers.
 * A plain socket client: its own cost stays out of the server's figures, which are CPU time of the server process.
 *
 * @throws Error when an answer is not 200.
 */
export async function load(port: number, request: LoadRequest, count: number): Promise<void> {
  const bytes = Buffer.from(messageOf(port, request));
  const done = Promise.withResolvers<void>();
  let toSend = count;
  let received = 0;
  const connect = () => {
    let text = "";
    return Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open(socket) {
          toSend--;
          socket.write(bytes);
        },
        data(socket, chunk) {
          text += chunk.toString("latin1");
          const end = text.indexOf(HEAD_END);
          if (end < 0) return;
          const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
          if (text.length < end + HEAD_END.length + length) return;
          if (!text.startsWith("HTTP/1.1 200")) done.reject(new Error(`Answered ${text.slice(0, 300)}`));
          text = "";
          received++;
          if (toSend-- > 0) socket.write(bytes);
          else socket.end();
          if (received >= count) done.resolve();
        },
        error: (_socket, error) => done.reject(error),
      },
    });
  };
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, count) }, connect));
  await done.promise;
}

function messageOf(port: number, { method, path, headers = {}, body }: LoadRequest): string {
  const all: Record<string, string> = {
    host: `127.0.0.1:${port}`,
    ...headers,
    ...(body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}${HEAD_END}${body ?? ""}`;
}
