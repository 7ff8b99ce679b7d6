import { type AlertReceipt, type AlertRefusal, defineAlert } from "binnacle";
import { mailOf } from "./mail.ts";
import { deliverMail, type MailServer } from "./session.ts";
import { SmtpRefusal } from "./smtp-refusal.ts";

interface Config extends MailServer {
  from: string;
  to: string[];
}

/** Plain addresses: no quotes, comments or line breaks, nothing that would be a second command or header. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}$/;

/** Sends alerts as e-mail (RFC 5321, RFC 5322). */
export default defineAlert<Config>({
  async send({ alert }, ctx) {
    const given: Partial<Config> = await ctx.config.get();
    const { host = "", port = 587, security = "starttls", username = "", password = "" } = given;
    const { from = "", to = [] } = given;
    if (host === "" || to.length === 0) {
      return { rejected: "Enter mail server and recipients in the configuration of e-mail." };
    }
    const wrong = [from, ...to].find((address) => !ADDRESS.test(address));
    if (wrong !== undefined) return { rejected: `${JSON.stringify(wrong)} is not an e-mail address.` };
    const mail = mailOf(alert, from, to);
    try {
      const { answer, refused } = await deliverMail(
        ctx.connect,
        { host, port, security, username, password },
        { from, to, mail },
      );
      for (const reason of refused) ctx.logger.warning("A recipient was refused", { reason });
      return { answer: [answer, ...refused].join("; ") } satisfies AlertReceipt;
    } catch (error) {
      if (error instanceof SmtpRefusal) return refusalOf(error);
      throw error;
    }
  },
});

const refusalOf = ({ isFinal, message }: SmtpRefusal): AlertRefusal =>
  isFinal ? { rejected: message } : { retryAfterMs: 0, reason: message };
