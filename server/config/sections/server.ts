import { LOG_LEVELS } from "../../../schema/rules/log-levels.ts";
import { secretReference } from "../references.ts";
import { flag, int, list, oneOf, section, text } from "../setting-types.ts";
import { cors, tls, transport } from "./access.ts";

const HOUR = 3_600;
const MIB = 1_024 * 1_024;

export const server = section("Where and how the server answers", {
  host: text("127.0.0.1", {
    description: "Address to listen on",
    restart: true,
    // To the runtime an empty address is every interface.
    pattern: "^\\S+$",
  }),
  port: int(8000, 0, 65_535, { description: "Port to listen on; 0 takes a free one", restart: true }),
  publicUrl: text("", {
    description: "The address people use, when a proxy stands before Binnacle; feeds every link that leaves",
    pattern: "^(https?://[^/?#]+)?/?$",
  }),
  allowedHosts: list([], {
    description: "Host names to answer under, beside loopback, the listening address and publicUrl",
  }),
  ...transport,
  tls,
  cors,
  bodyLimitBytes: int(MIB, 1_024, 64 * MIB, { description: "Largest request body" }),
  drainSeconds: int(8, 0, 60, {
    description: "How long requests under way may take once the server stops",
  }),
});

export const log = section("Binnacle's own log", {
  level: oneOf("info", LOG_LEVELS, { description: "The least severe lines that are kept" }),
});

export const session = section("Signed-in browsers", {
  idleSeconds: int(24 * HOUR, 60, 90 * 24 * HOUR, {
    description: "A session ends after this time without a request",
  }),
  absoluteSeconds: int(14 * 24 * HOUR, 60, 365 * 24 * HOUR, {
    description: "A session ends after this time in any case",
  }),
});

export const dashboard = section("The dashboard", {
  auth: flag(true, {
    description:
      "Whether the dashboard asks who you are; without it, whoever reaches a loopback address sees as a viewer does",
    env: ["DASHBOARD_AUTH"],
    machineOnly: true,
    restart: true,
  }),
});

export const config = section("The configuration itself", {
  remote: section("Settings fetched over HTTP", {
    url: text("", {
      description: "Address of a YAML or JSON file with settings; empty for none",
      pattern: "^(https?://.+)?$",
      machineOnly: true,
    }),
    authorization: text("", {
      description: `Sent as the Authorization header, such as Bearer ${secretReference("NAME")}`,
      machineOnly: true,
      secret: true,
    }),
    intervalSeconds: int(60, 1, 86_400, { description: "Time between two questions", machineOnly: true }),
    timeoutSeconds: int(10, 1, 120, { description: "Longest wait for an answer", machineOnly: true }),
    allow: list([], {
      description: "Private names, addresses or blocks that the address may lie in, such as 10.0.0.0/8",
      machineOnly: true,
    }),
  }),
});
