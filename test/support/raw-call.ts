const HEAD_END = "\r\n\r\n";

/** What came back over one connection. */
export interface RawAnswer {
  status: number;
  body: string;
}

/**
 * One POST over a connection of its own, however many others are open: `fetch` has a bound on them. Aborting it closes
 * the connection.
 * @throws Error when the connection ends before the answer, or is aborted
 */
export async function rawPost(
  port: number,
  path: string,
  token: string,
  value: unknown,
  signal?: AbortSignal,
): Promise<RawAnswer> {
  const body = JSON.stringify(value);
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ].join("\r\n");
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  let text = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (opened) => void opened.write(head + HEAD_END + body),
      data: (_, chunk) => {
        text += chunk.toString("latin1");
        const answer = answerIn(text);
        if (answer) resolve(answer);
      },
      close: () => reject(new Error(`The connection ended after: ${text.slice(0, 100)}`)),
    },
  });
  signal?.addEventListener("abort", () => socket.terminate(), { once: true });
  return promise.finally(() => socket.end());
}

function answerIn(text: string): RawAnswer | undefined {
  const end = text.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const body = text.slice(end + HEAD_END.length);
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  return body.length < length ? undefined : { status: Number(text.slice(9, 12)), body };
}
