import { Type } from "@sinclair/typebox";
import { type EventDefinition, payload, text, texts } from "./definition.ts";

const user = { userId: text("Id of the user"), name: text("Name of the user") };
const session = {
  sessionId: text("Id of the session"),
  userId: text("Whose it is"),
  userName: text("Name of that user"),
};
const token = {
  tokenId: text("Id of the token"),
  name: text("Name of the token"),
  userName: text("Whose it is"),
};

export const userEvents = {
  "user.created": { description: "A user was made", payload: payload({ ...user, role: text("Role") }) },
  "user.changed": {
    description: "Name, role or state of a user changed",
    payload: payload({ ...user, fields: texts("What changed") }),
  },
  "user.removed": { description: "A user was removed", payload: payload(user) },
  "user.password_changed": { description: "A password was changed or reset", payload: payload(user) },
  "session.started": {
    description: "Somebody signed in",
    payload: payload({ ...session, address: text("Client address") }),
  },
  "session.ended": {
    description: "A session was ended: by signing out, by revocation, or because its user went",
    payload: payload({
      ...session,
      reason: text(
        "Why: signed_out, revoked, replaced, too_many, password_changed, user_disabled or user_removed",
      ),
    }),
  },
  "session.refused": {
    description: "Sign-ins are being refused: wrong credentials too often",
    payload: payload({
      name: text("The name that was tried; empty when no user has it: people type passwords there"),
      address: text("Client address"),
    }),
  },
  "token.created": {
    description: "An API token was made",
    payload: payload({ ...token, scopes: texts("What it may do") }),
  },
  "token.revoked": { description: "An API token was revoked", payload: payload(token) },
  "role.changed": {
    description: "A custom role was made, changed or removed",
    payload: payload({
      name: text("Name of the role"),
      change: Type.Union([Type.Literal("created"), Type.Literal("changed"), Type.Literal("removed")]),
    }),
  },
} as const satisfies Record<string, EventDefinition>;
