import type { EventPayload } from "../../schema/events/index.ts";
import type { userEvents } from "../../schema/events/users.ts";

type AccessEventName = keyof typeof userEvents;

/** An event about users, sessions, tokens or roles. */
export type AccessEvent = {
  [Name in AccessEventName]: { type: Name; payload: EventPayload<Name> };
}[AccessEventName];

/** Why a session ended before its time. */
export type EndReason =
  | "signed_out"
  | "revoked"
  /** The same browser signed in anew. */
  | "replaced"
  /** The user has more sessions than are allowed. */
  | "too_many"
  | "password_changed"
  | "user_disabled"
  | "user_removed";

/** What is said of a session that ended. */
export interface EndedSession {
  id: string;
  userId: string;
  userName: string;
}

/** What is said of a token that was revoked. */
export interface RevokedToken {
  id: string;
  name: string;
  userName: string;
}

/** A session ended before its time. */
export const sessionEnded = ({ id, userId, userName }: EndedSession, reason: EndReason): AccessEvent => ({
  type: "session.ended",
  payload: { sessionId: id, userId, userName, reason },
});

/** A token was revoked, by hand or with its owner. */
export const tokenRevoked = ({ id, name, userName }: RevokedToken): AccessEvent => ({
  type: "token.revoked",
  payload: { tokenId: id, name, userName },
});
