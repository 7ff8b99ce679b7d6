import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Api } from "../../../web/data/api.ts";
import { ApiProblem } from "../../../web/data/problem.ts";
import { Session } from "../../../web/data/session.ts";
import { FakeApi } from "../../support/fake-api.ts";

let server: FakeApi;
let session: Session;

beforeEach(() => {
  server = new FakeApi({ isSignedIn: false });
  session = new Session(new Api((path, init) => fetch(server.url + path, init)));
});

afterEach(() => server.stop());

describe("who is there", () => {
  test("a guest is found out without provoking a 401", async () => {
    await session.refresh();
    expect(session.state.value.kind).toBe("guest");
    expect(server.requests).toEqual(["GET /api/v3/setup"]);
  });

  test("a member with everything may do anything", async () => {
    server.isSignedIn = true;
    await session.refresh();
    expect(session.state.value).toMatchObject({ kind: "signed-in", user: { name: "mara.klein" } });
    expect(session.can("users:admin")).toBe(true);
  });

  test("a server that does not answer is neither", async () => {
    const unreachable = new Session(new Api(async () => Promise.reject(new TypeError("refused"))));
    await unreachable.refresh();
    expect(unreachable.state.value).toMatchObject({
      kind: "unreachable",
      problem: { code: "connection_lost" },
    });
  });
});

describe("signing in and out", () => {
  test("a wrong password is refused in words and nobody is signed in", async () => {
    await session.refresh();
    await expect(session.signIn("ada", "wrong")).rejects.toBeInstanceOf(ApiProblem);
    expect(session.state.value.kind).toBe("guest");
  });

  test("the right one enters, signing out leaves", async () => {
    await session.signIn("ada", "correct horse");
    expect(session.state.value.kind).toBe("signed-in");
    await session.signOut();
    expect(session.state.value.kind).toBe("guest");
    expect(session.can("metrics:read")).toBe(false);
  });

  test("the set-up link enters once", async () => {
    server.needsSetUp = true;
    await session.setUp("good", "ada", "correct horse battery");
    expect(session.state.value.kind).toBe("signed-in");
  });
});
