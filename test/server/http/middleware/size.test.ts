import { describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { startApp } from "../../../support/start-app.ts";

const CHUNK = `10000\r\n${" ".repeat(0x10000)}\r\n`;
const MOST_BYTES = 512 * 1024 * 1024;

const HEADERS = "Host: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Sends a body without an end until the other side closes the connection, or has taken half a gigabyte. */
async function sendForEver(
  address: string,
  requestLine: string,
): Promise<{ status: number; isCut: boolean }> {
  const { port, hostname } = new URL(address);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (bytes) => {
    answer += bytes;
  });
  // A connection that is cut while it is written to ends by an error: that is what is looked for.
  socket.on("error", () => socket.destroy());
  socket.write(`${requestLine} HTTP/1.1\r\n${HEADERS}`);
  const isCut = await fill(socket);
  socket.destroy();
  return { status: Number(answer.split(" ", 2)[1]), isCut };
}

function fill(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const more = (): void => {
    while (!socket.destroyed && socket.bytesWritten < MOST_BYTES) if (!socket.write(CHUNK)) return;
    resolve(socket.destroyed);
  };
  socket.on("drain", more);
  socket.on("close", () => resolve(true));
  more();
  return promise;
}

describe("a body without an end", () => {
  test.each([
    ["POST /api/v3/session", 413],
    ["POST /graphql", 413],
    ["POST /livez", 405],
    ["GET /livez", 200],
  ])("%s is answered with %d and the connection closed", async (requestLine, status) => {
    await using app = await startApp();
    expect(await sendForEver(app.address, requestLine)).toEqual({ status, isCut: true });
  });

  test("one with an end keeps its connection when it was read", async () => {
    await using app = await startApp();
    const admin = await app.token(["*"]);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"query":"{ __typename }"}'));
        controller.close();
      },
    });
    const headers = { "content-type": "application/json" };
    const response = await admin.fetch("/graphql", { method: "POST", headers, body });
    expect(response.status).toBe(200);
    expect(response.headers.get("connection")).not.toBe("close");
  });
});
