import { expect, test } from "bun:test";
import { startApp } from "../../../support/start-app.ts";

const QUIET = JSON.stringify({ query: 'subscription { events(types: ["nothing.ever"]) { id } }' });
const HEADERS = { "content-type": "application/json", accept: "text/event-stream" };
const MOST = 20;

test("readers that leave a quiet event stream give their places back", async () => {
  await using app = await startApp();
  const client = await app.token(["*"]);
  const open = async () => {
    const leaving = new AbortController();
    const request = { method: "POST", headers: HEADERS, body: QUIET, signal: leaving.signal };
    return { leaving, status: (await client.fetch("/graphql", request)).status };
  };
  const readers = [];
  for (let reader = 0; reader < MOST; reader++) readers.push(await open());
  expect(readers.every(({ status }) => status === 200)).toBe(true);
  expect((await open()).status).toBe(429);
  for (const { leaving } of readers) leaving.abort();
  let status = 0;
  const deadline = performance.now() + 3_000;
  while (status !== 200 && performance.now() < deadline) status = (await open()).status;
  expect(status).toBe(200);
});
