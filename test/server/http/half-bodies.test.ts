import { expect, spyOn, test } from "bun:test";
import { startApp } from "../../support/start-app.ts";
import { until } from "../../support/until.ts";

const HALF = "{";

test("who goes away in the middle of a body makes no incident, whoever it is and whatever is sent", async () => {
  await using app = await startApp();
  const { authorization = "" } = (await app.token(["logs:write"])).headers;
  const { traffic, incidents } = app.parts;
  const recorded = spyOn(incidents, "record");
  const { hostname, port, host } = new URL(app.address);
  const leave = async (path: string, length: string, credentials: string): Promise<void> => {
    const before = traffic.requests;
    const head = [
      `POST ${path} HTTP/1.1`,
      `host: ${host}`,
      "content-type: application/json",
      length,
      ...(credentials === "" ? [] : [`authorization: ${credentials}`]),
    ];
    const socket = await Bun.connect({ hostname, port: Number(port), socket: { data: () => undefined } });
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    socket.write(length.startsWith("transfer") ? `1\r\n${HALF}\r\n` : HALF);
    socket.flush();
    socket.end();
    await until(() => traffic.requests > before);
  };
  for (const length of ["content-length: 1000", "transfer-encoding: chunked"]) {
    for (const credentials of ["", authorization]) {
      await leave("/graphql", length, credentials);
      await leave("/v1/logs", length, credentials);
      await leave("/api/v3/session", length, credentials);
    }
  }
  expect(recorded).not.toHaveBeenCalled();
});
