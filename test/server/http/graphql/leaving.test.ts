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
    return { leaving, response: await client.fetch("/graphql", request) };
  };
  // The answers are held: one that is collected as garbage closes its connection and gives its place back too early.
  const readers = [];
  for (let reader = 0; reader < MOST; reader++) readers.push(await open());
  expect(readers.every(({ response }) => response.status === 200)).toBe(true);
  expect((await open()).response.status).toBe(429);
  for (const { leaving } of readers) leaving.abort();
  let status = 0;
  const deadline = performance.now() + 3_000;
  while (status !== 200 && performance.now() < deadline) status = (await open()).response.status;
  expect(status).toBe(200);
});
