import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import PostalMime from "postal-mime";
import { rawServer } from "../server/outbound/local-servers.ts";
import { ALERT, LIMIT_MS, RESOLVED, sent } from "./channel-trial.ts";
import { MailServer, USER } from "./mail-server.ts";

const FROM = "binnacle@example.com";
const [OPS, BOSS] = ["ops@example.org", "boss@example.org"] as const;
const TO = [OPS, BOSS];

let plain: MailServer;
let implicit: MailServer;
beforeAll(async () => {
  plain = await MailServer.start();
  implicit = await MailServer.start({ secure: true, authMethods: ["LOGIN"] });
});
afterAll(async () => {
  await plain[Symbol.asyncDispose]();
  await implicit[Symbol.asyncDispose]();
});

const configOf = (server: { port: number }, more: object = {}) => ({
  ...{ host: "127.0.0.1", port: server.port, from: FROM, to: TO },
  ...more,
});
const credentials = { username: USER.name, password: USER.password };
const send = (server: MailServer, more: object = {}, alert: object = ALERT) =>
  sent("smtp", configOf(server, more), alert, { ca: server.certificate });

describe("e-mail", () => {
  test.each(["starttls", "tls"] as const)(
    "by %s: to all recipients, with a password, as text and HTML",
    async (security) => {
      const server = security === "tls" ? implicit : plain;
      const { result, error, denials } = await send(server, { ...credentials, security });
      expect({ error, denials }).toEqual({ error: null, denials: [] });
      expect(result).toEqual({ answer: expect.stringContaining("The mail server answered 250") });
      const mail = server.mails.at(-1);
      expect(mail).toMatchObject({ from: FROM, to: TO, user: USER.name, isSecure: true });
      const read = await PostalMime.parse(mail?.raw ?? "");
      expect(read).toMatchObject({
        subject: "■ [HIGH] disk_full: 2 firing",
        from: { name: "Binnacle", address: FROM },
        to: TO.map((address) => ({ address })),
        messageId: `<${ALERT.id}@example.com>`,
        references: `<${ALERT.group}.group@example.com>`,
        inReplyTo: `<${ALERT.group}.group@example.com>`,
        date: "2030-01-31T22:00:00.000Z",
      });
      expect(read.text).toContain("HIGH firing: sda is full <b>&\r\nLOW firing: sdb *soon*");
      expect(read.text).toContain("https://binnacle.example/alerts");
      expect(read.html).toContain("sda is full &lt;b&gt;&amp;");
      expect(read.headers).toContainEqual(
        expect.objectContaining({ key: "auto-submitted", value: "auto-generated" }),
      );
    },
    LIMIT_MS,
  );

  test(
    "no alert adds a header, a recipient or an end of the message; every line keeps to its length",
    async () => {
      const hostile = {
        ...ALERT,
        title: `x\r\nBcc: evil@example.org\r\n\r\n.\r\nQUIT ${"ü".repeat(200)}`,
        message: ".\r\n.\r\nRCPT TO:<evil@example.org>\r\n🔥",
        group: "g>\r\nX-Evil: 1",
      };
      await send(plain, {}, hostile);
      const mail = plain.mails.at(-1);
      expect(mail?.to).toEqual(TO);
      const read = await PostalMime.parse(mail?.raw ?? "");
      expect(read.headers.map(({ key }) => key)).not.toContain("bcc");
      expect(read.headers.map(({ key }) => key)).not.toContain("x-evil");
      expect(read.subject).toStartWith("■ x Bcc: evil@example.org . QUIT ü");
      expect(read.text).toContain(".\r\n.\r\nRCPT TO:<evil@example.org>\r\n🔥");
      for (const line of (mail?.raw ?? "").split("\r\n")) {
        expect(line.length).toBeLessThanOrEqual(line.includes("=?UTF-8?B?") ? 76 : 998);
      }
      expect(/[^\r]\n/.test(mail?.raw ?? "")).toBe(false);
    },
    LIMIT_MS,
  );

  test(
    "messages of one group refer to one thread under ids of their own; one that is over has no importance",
    async () => {
      await send(plain, {}, { ...RESOLVED, id: "01900000-0000-7000-8000-000000000002" });
      const read = await PostalMime.parse(plain.mails.at(-1)?.raw ?? "");
      expect(read.subject).toBe("✓ [HIGH] disk_full: 2 resolved");
      expect(read.messageId).toBe("<01900000-0000-7000-8000-000000000002@example.com>");
      expect(read.references).toBe(`<${ALERT.group}.group@example.com>`);
      expect(read.headers.map(({ key }) => key)).not.toContain("importance");
    },
    LIMIT_MS,
  );

  test(
    "a wrong password is final; a password never leaves without encryption; nor does an e-mail without STARTTLS",
    async () => {
      const wrong = await send(plain, { ...credentials, password: "wrong" });
      expect(wrong.result).toMatchObject({ rejected: expect.stringContaining("answered AUTH with 535") });
      const open = await send(plain, { ...credentials, security: "none" });
      expect(open.result).toMatchObject({ rejected: expect.stringContaining("not sent without encryption") });
      await using old = await MailServer.start({ hideSTARTTLS: true });
      expect((await send(old)).result).toEqual({ rejected: "The mail server offers no STARTTLS." });
      expect(old.mails).toEqual([]);
      expect((await send(old, { security: "none" })).error).toBeNull();
      expect(old.mails.length).toBe(1);
    },
    LIMIT_MS,
  );

  test(
    "a recipient that is refused for now keeps back the whole e-mail; one refused for good is told, the others get it",
    async () => {
      const code = { now: 450 };
      await using server = await MailServer.start({
        onRcptTo({ address }, _session, done) {
          if (address !== BOSS) return done();
          return done(Object.assign(new Error("mailbox unavailable"), { responseCode: code.now }));
        },
      });
      expect((await send(server)).result).toEqual({
        retryAfterMs: 0,
        reason: `The mail server answered RCPT ${BOSS} with 450 mailbox unavailable`,
      });
      expect(server.mails).toEqual([]);
      code.now = 550;
      const report = await send(server);
      expect(report.result).toMatchObject({ answer: expect.stringContaining("550 mailbox unavailable") });
      expect(report.log).toMatchObject([{ level: "warning", message: "A recipient was refused" }]);
      expect(server.mails.map(({ to }) => to)).toEqual([[OPS]]);
      expect((await send(server, { to: [BOSS] })).result).toMatchObject({
        rejected: expect.stringContaining("550"),
      });
    },
    LIMIT_MS,
  );

  test(
    "an e-mail that was taken is sent, though the server hangs up without a word more",
    async () => {
      let isMail = false;
      const abrupt = await rawServer((socket) => {
        socket.write("220 hello\r\n");
        socket.on("data", (data) => {
          const text = String(data);
          if (isMail && text.endsWith("\r\n.\r\n")) {
            socket.write("250 taken\r\n");
            socket.resetAndDestroy();
          } else if (!isMail) {
            isMail = text.startsWith("DATA");
            socket.write(isMail ? "354 go on\r\n" : "250 fine\r\n");
          }
        });
      });
      try {
        const { result, error } = await sent("smtp", configOf(abrupt, { security: "none" }));
        expect({ result, error }).toEqual({
          result: { answer: "The mail server answered 250 taken" },
          error: null,
        });
      } finally {
        abrupt.close();
      }
    },
    LIMIT_MS,
  );

  test(
    "what is no address, no SMTP, no trusted certificate or ends mid-way sends nothing",
    async () => {
      const injected = await send(plain, { to: ["a@b>\r\nRCPT TO:<evil@example.org"] });
      expect(injected.result).toMatchObject({
        rejected: expect.stringContaining("is not an e-mail address"),
      });
      const before = plain.mails.length;
      const untrusted = await sent("smtp", configOf(plain));
      expect(untrusted.error?.message).toContain("TLS");
      const chatty = await rawServer((socket) => {
        socket.write("220 hello\r\n");
        // RFC 3207 §6, and what was wrong with many clients: said before TLS, read as if after it.
        socket.once("data", () => socket.write("250-hi\r\n250 STARTTLS\r\n"));
        socket.on("data", (data) => {
          if (String(data).startsWith("STARTTLS")) socket.write("220 go\r\n250 injected\r\n");
        });
      });
      const web = await rawServer((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
      const cut = await rawServer((socket) => {
        socket.write("220 hello\r\n");
        socket.once("data", () => socket.destroy());
      });
      try {
        for (const server of [chatty, web, cut]) {
          const { error } = await sent("smtp", configOf(server));
          expect(error?.code).toBe("plugin_execution_failed");
        }
      } finally {
        for (const server of [chatty, web, cut]) server.close();
      }
      expect(plain.mails.length).toBe(before);
    },
    LIMIT_MS,
  );
});
