import { defineAlert, outcomeOf, readAnswer } from "binnacle";
import { bodyOf } from "./body.ts";
import { keyOf, signatureOf } from "./signature.ts";

interface Config {
  url: string;
  method: string;
  secret: string;
  authorization: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

const MS_PER_SECOND = 1_000;

/** As https://www.standardwebhooks.com describes: `webhook-id` stays the same at every attempt. */
export default defineAlert<Config>({
  async send({ alert }, ctx) {
    const config: Partial<Config> = await ctx.config.get();
    const { url = "", method = "POST", secret = "", authorization = "", headers = {}, body = {} } = config;
    if (url === "") return { rejected: "Enter the address in the configuration of the webhook." };
    const key = keyOf(secret);
    if (!key) return { rejected: "The signing secret of the webhook begins with whsec_ and is no Base64." };
    const { text, problem } = bodyOf(body, alert);
    if (problem !== undefined)
      ctx.logger.warning("The body is not used; the whole alert is sent", { problem });
    const timestamp = Math.floor(Date.now() / MS_PER_SECOND);
    const response = await ctx.fetch(url, {
      method,
      redirect: "manual",
      headers: {
        "user-agent": "Binnacle",
        ...lowerCased(headers),
        ...(authorization === "" ? {} : { authorization }),
        "content-type": "application/json",
        "webhook-id": alert.id,
        "webhook-timestamp": String(timestamp),
        ...(secret === "" ? {} : { "webhook-signature": signatureOf(key, alert.id, timestamp, text) }),
      },
      body: text,
    });
    return outcomeOf("The webhook", await readAnswer(response));
  },
});

/** Names of headers know no case; two that differ in nothing else would be sent as one with both values. */
const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
