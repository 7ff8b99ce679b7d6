import { Database } from "bun:sqlite";
import { mkdtempSync, watch } from "node:fs";
import { createConnection } from "node:net";
import { loadEnvFile } from "node:process";
import { type Family, sharing } from "../attack.ts";
import { Denied } from "../plugin/kit.ts";

const WAIT_MS = 5_000;

const landlock = {
  deniedBy: "Landlock",
  answers: ["EACCES"],
  seen: "failed call",
  control: "outside",
} as const;
const filter = { ...landlock, deniedBy: "filter", answers: ["EPERM"] } as const;

/** Settles when `open` says so; a way in that tells nothing counts as stopped. */
function opened(open: (opened: () => void, stopped: (error: unknown) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Denied("nothing came of it")), WAIT_MS);
  open(resolve, (error) => reject(error instanceof Error && "code" in error ? error : new Denied("refused")));
  return promise.finally(() => clearTimeout(timer));
}

/** What Bun itself brings to reach files, processes and the network, past the modules that others use. */
export const runtime: Family = {
  title: "Bun's own ways",
  reachesListeners: true,
  attacks: [
    ...sharing(landlock, {
      "stream a file (Bun.file)": ({ file }) => new Response(Bun.file(file).stream()).text(),
      "write by a file's writer (FileSink)": async ({ writable }) => {
        const writer = Bun.file(writable).writer();
        writer.write("changed");
        await writer.end();
      },
      "list a folder by a pattern (Bun.Glob)": async ({ folder }) => {
        for await (const name of new Bun.Glob("*").scan(folder)) return name;
        throw new Denied("EACCES");
      },
      "read variables from a file (loadEnvFile)": ({ file }) => loadEnvFile(file),
    }),
    ...sharing(
      { ...landlock, answers: ["SQLITE_CANTOPEN"] },
      {
        "open a database (bun:sqlite)": ({ folder }) =>
          new Database(`${folder}/made.sqlite`, { create: true }).close(),
      },
    ),
    ...sharing(
      { ...landlock, answers: ["build"] },
      {
        "read a file by a bundle (Bun.build)": async ({ json }) => {
          try {
            await Bun.build({ entrypoints: [json] });
          } catch (cause) {
            throw Object.assign(new Error("Nothing was built", { cause }), { code: "build" });
          }
        },
      },
    ),
    ...sharing(filter, {
      "make a folder of its own (mkdtemp)": ({ folder }) => mkdtempSync(`${folder}/made-`),
      "watch a file (fs.watch)": ({ file }) => watch(file).close(),
      "run a program with Bun.spawn": async () => {
        await Bun.spawn(["/bin/true"], { stdio: ["ignore", "ignore", "ignore"] }).exited;
      },
      "signal every process that it may (kill −1)": () => process.kill(-1, 0),
      "signal its group (kill 0)": () => process.kill(0, 0),
    }),
    ...sharing(
      { ...filter, answers: ["EPERM", "refused", "ECONNREFUSED"] },
      {
        "open a WebSocket": ({ port }) =>
          opened((done, stopped) => {
            const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
            socket.onopen = () => done();
            socket.onerror = stopped;
          }),
        "connect with node:net": ({ port }) =>
          opened((done, stopped) => {
            createConnection(port, "127.0.0.1", done).on("error", stopped);
          }),
        "connect to a Unix socket with node:net": ({ socket }) =>
          opened((done, stopped) => {
            createConnection(socket, done).on("error", stopped);
          }),
        "send UDP with Bun.udpSocket": async ({ udpPort }) => {
          const socket = await Bun.udpSocket({});
          socket.send("x", udpPort, "127.0.0.1");
          socket.close();
        },
      },
    ),
  ],
};
