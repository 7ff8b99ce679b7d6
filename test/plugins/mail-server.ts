import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** An e-mail as the server took it. */
export interface TakenMail {
  from: string;
  to: string[];
  user: string;
  isSecure: boolean;
  raw: string;
}

export const USER = { name: "binnacle@example.com", password: "pässword" };
const SMTP_REFUSED = 535;

/** A real mail server on loopback that keeps what it takes. */
export class MailServer implements AsyncDisposable {
  readonly mails: TakenMail[] = [];
  readonly certificate: string;
  readonly port: number;
  readonly #server: SMTPServer;

  private constructor(server: SMTPServer, certificate: string, mails: TakenMail[]) {
    this.#server = server;
    this.certificate = certificate;
    this.mails = mails;
    this.port = (server.server.address() as AddressInfo).port;
  }

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const { key, cert } = await localCertificate();
    const mails: TakenMail[] = [];
    const server = new SMTPServer({
      ...{ key, cert, authOptional: true, logger: false },
      onAuth({ username, password }, _session, done) {
        const isRight = username === USER.name && password === USER.password;
        if (isRight) return done(null, { user: USER.name });
        return done(Object.assign(new Error("no such user"), { responseCode: SMTP_REFUSED }));
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            user: session.user ?? "",
            isSecure: session.secure,
            raw: Buffer.concat(chunks).toString("utf8"),
          });
          done();
        });
      },
      ...options,
    });
    server.on("error", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new MailServer(server, cert, mails);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}

/** For the address itself, signed by itself: it is its own authority. */
async function localCertificate(): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { key, cert };
}
