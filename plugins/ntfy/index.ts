import { type Alert, alertWords, defineAlert, outcomeOf, readAnswer, shortened } from "binnacle";

interface Config {
  server: string;
  topic: string;
  token: string;
  username: string;
  password: string;
}

/** Bytes; a longer message would become a file attached to it. */
const MAX_MESSAGE_BYTES = 4_000;
const MAX_TITLE_BYTES = 250;
const TOPIC = /^[-\w]{1,64}$/;
/** 1 to 5; from 4 on it is shown at once, 5 goes on ringing. */
const PRIORITIES: Readonly<Record<string, number>> = { LOW: 2, MEDIUM: 3, HIGH: 4, CRITICAL: 5 };
const CALM_PRIORITY = 2;
const NORMAL_PRIORITY = 3;
/** Names of symbols that ntfy shows before the title. */
const TAGS: Readonly<Record<string, string>> = {
  LOW: "information_source",
  MEDIUM: "warning",
  HIGH: "rotating_light",
  CRITICAL: "rotating_light",
};
const CALM_TAG = "white_check_mark";

/** https://docs.ntfy.sh/publish/#publish-as-json */
export default defineAlert<Config>({
  async send({ alert }, ctx) {
    const config: Partial<Config> = await ctx.config.get();
    const { server = "https://ntfy.sh", topic = "" } = config;
    if (!TOPIC.test(topic)) {
      return {
        rejected: "Enter a topic in the configuration of ntfy: letters, digits, - and _, at most 64.",
      };
    }
    const response = await ctx.fetch(server, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json", ...authorization(config) },
      body: JSON.stringify({ topic, ...messageOf(alert) }),
    });
    return outcomeOf("ntfy", await readAnswer(response));
  },
});

function messageOf(alert: Alert) {
  const { title, body, footer, isResolved } = alertWords(alert);
  const { severity, state = "firing", link } = alert;
  const foot = `\n\n${footer}`;
  const room = MAX_MESSAGE_BYTES - sizeOf(foot);
  return {
    title: shortened(title, MAX_TITLE_BYTES, { sizeOf }),
    message: shortened(body, room, { sizeOf }) + foot,
    priority: isResolved ? CALM_PRIORITY : (PRIORITIES[severity] ?? NORMAL_PRIORITY),
    tags: [isResolved ? CALM_TAG : (TAGS[severity] ?? "bell"), severity, state],
    ...(link === undefined ? {} : { click: link }),
  };
}

function authorization({ token = "", username = "", password = "" }: Partial<Config>): {
  authorization?: string;
} {
  if (token !== "") return { authorization: `Bearer ${token}` };
  if (username === "") return {};
  const credentials = new TextEncoder().encode(`${username}:${password}`);
  return { authorization: `Basic ${credentials.toBase64()}` };
}

const sizeOf = (text: string): number => new TextEncoder().encode(text).length;
