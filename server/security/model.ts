import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { AREA_DESCRIPTIONS, SCOPE_ACTIONS } from "../../schema/rules/scopes.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import { MAX_PASSWORD_LENGTH } from "./password-rules.ts";
import { MAX_ROLE_NAME_LENGTH } from "./roles/roles.ts";
import { MAX_NAME_LENGTH } from "./user-name.ts";

const MAX_ID_LENGTH = 64;
const MAX_TOKEN_NAME_LENGTH = 100;
const MAX_SCOPES = 50;
const MAX_SCOPE_LENGTH = 64;
const MAX_EXPIRY_DAYS = 3_650;
const MAX_CURSOR_LENGTH = 512;
const MAX_LINK_TOKEN_LENGTH = 128;
const MAX_DESCRIPTION_LENGTH = 200;
const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

const closed = { additionalProperties: false };
const Moment = (description: string) => t.String({ format: "date-time", description });
const OptionalMoment = (description: string) => t.Union([Moment(description), t.Null()], { description });
const Role = t.String({
  minLength: 1,
  maxLength: MAX_ROLE_NAME_LENGTH,
  description: "Name of a role: a set of scopes",
});
const Name = t.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: "Name to sign in with" });
/** Code points are counted by the rules; here a bound that no honest password meets. */
const Password = t.String({ minLength: 1, maxLength: MAX_PASSWORD_LENGTH * 2 });
const Scope = t.String({
  maxLength: MAX_SCOPE_LENGTH,
  description: `* or area:action; areas ${Object.keys(AREA_DESCRIPTIONS).join(", ")}; actions ${SCOPE_ACTIONS.join(", ")}`,
});

/** `/users/{id}` and its like. */
export const ById = t.Object({ id: t.String({ maxLength: MAX_ID_LENGTH }) });

/** `?limit=&cursor=` */
export const Paging = t.Object(
  {
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(
      t.String({ maxLength: MAX_CURSOR_LENGTH, description: "nextCursor of the page before" }),
    ),
  },
  closed,
);

const pageOfItems = <T extends ReturnType<typeof t.Object>>(item: T) =>
  t.Object({ items: t.Array(item), nextCursor: t.Union([t.String(), t.Null()]) });

export const UserView = t.Object({
  id: t.String(),
  name: t.String(),
  role: t.String(),
  createdAt: Moment("When the user was added"),
  lastSignInAt: OptionalMoment("When the user last signed in; null for never"),
  disabled: t.Boolean(),
  hasPassword: t.Boolean({ description: "False for somebody who signs in by a provider only" }),
});
export type UserView = Static<typeof UserView>;
export const UserPage = pageOfItems(UserView);

export const NewUserBody = t.Object({ name: Name, password: Password, role: Role }, closed);
export const UserChangesBody = t.Object(
  { role: t.Optional(Role), disabled: t.Optional(t.Boolean()) },
  closed,
);
export const PasswordBody = t.Object(
  { currentPassword: t.Optional(Password), newPassword: Password },
  closed,
);

export const SignInBody = t.Object({ name: Name, password: Password }, closed);
export const SessionAnswer = t.Object({
  user: UserView,
  scopes: t.Array(t.String()),
  expiresAt: OptionalMoment("When the session ends unless it is used again; null for a token"),
});
export type SessionAnswer = Static<typeof SessionAnswer>;

export const SessionView = t.Object({
  id: t.String(),
  userId: t.String(),
  userName: t.String(),
  createdAt: Moment("Sign-in"),
  lastSeenAt: Moment("Last request, to the minute"),
  expiresAt: Moment("When it ends unless it is used again"),
  address: t.String(),
  userAgent: t.String(),
  provider: t.Union([t.String(), t.Null()], {
    description: "Id of the provider that vouched for the person; null for a password",
  }),
  current: t.Boolean({ description: "It is the session that asks" }),
});
export type SessionView = Static<typeof SessionView>;
export const SessionPage = pageOfItems(SessionView);

/** `DELETE /sessions?userId=` */
export const WhoseSessions = t.Object(
  { userId: t.Optional(t.String({ maxLength: MAX_ID_LENGTH, description: "Whose; absent: one's own" })) },
  closed,
);
export const EndedSessions = t.Object({
  ended: Type.Integer({ description: "How many sessions were ended" }),
});
export const SignedOut = t.Object({
  signOutUrl: t.String({ description: "Where the browser goes to be signed out at the provider too" }),
});

const tokenFields = {
  id: t.String(),
  name: t.String(),
  userId: t.String(),
  userName: t.String(),
  scopes: t.Array(t.String()),
  prefix: t.String({ description: "Its first characters" }),
  createdAt: Moment("When it was made"),
  expiresAt: OptionalMoment("When it ends; null for never"),
  lastUsedAt: OptionalMoment("When it was last used, to the minute; null for never"),
};
export const TokenView = t.Object(tokenFields);
export type TokenView = Static<typeof TokenView>;
export const TokenPage = pageOfItems(TokenView);
export const CreatedTokenView = t.Object({
  ...tokenFields,
  token: t.String({ description: "The token itself, shown this once" }),
});

export const NewTokenBody = t.Object(
  {
    name: t.String({
      minLength: 1,
      maxLength: MAX_TOKEN_NAME_LENGTH,
      // It is read in lists, logs and terminals: control characters have no place there.
      pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
      description: "What it is for",
    }),
    scopes: t.Array(Scope, { minItems: 1, maxItems: MAX_SCOPES }),
    expiresInDays: t.Union([Type.Integer({ minimum: 1, maximum: MAX_EXPIRY_DAYS }), t.Null()]),
    userId: t.Optional(t.String({ maxLength: MAX_ID_LENGTH, description: "Whose it is; absent: one's own" })),
  },
  closed,
);

export const SetupState = t.Object({
  needed: t.Boolean({ description: "Nobody has an account yet" }),
  signedIn: t.Boolean({ description: "This request came with a valid session or token" }),
  anonymousScopes: t.Array(t.String(), {
    description: "What whoever asks may do without signing in: nothing unless dashboard.auth is off",
  }),
});
export const SetupBody = t.Object(
  { token: t.String({ minLength: 1, maxLength: MAX_LINK_TOKEN_LENGTH }), name: Name, password: Password },
  closed,
);
export const SetupLinkView = t.Object({
  url: t.String(),
  expiresAt: Moment("Until when it can be used, once"),
});

/** Sets a new password by a link. */
export const ResetBody = t.Object(
  { token: t.String({ minLength: 1, maxLength: MAX_LINK_TOKEN_LENGTH }), newPassword: Password },
  closed,
);
export const ResetLinkView = t.Object({
  userName: t.String(),
  url: t.String(),
  expiresAt: Moment("Until when it can be used, once"),
});

/** `/roles/{name}` and its like. */
export const ByName = t.Object({ name: t.String({ maxLength: MAX_ID_LENGTH }) });
const Description = t.String({
  maxLength: MAX_DESCRIPTION_LENGTH,
  description: "What it is for, in a sentence",
});
const RoleScopes = t.Array(Scope, { minItems: 1, maxItems: MAX_SCOPES });
export const NewRoleBody = t.Object({ name: Role, description: Description, scopes: RoleScopes }, closed);
export const RoleChangesBody = t.Object(
  { description: t.Optional(Description), scopes: t.Optional(RoleScopes) },
  closed,
);
/** `/sign-in/{provider}` */
export const ByProvider = t.Object({ provider: t.String({ maxLength: MAX_ID_LENGTH }) });
/** `?next=` */
export const SignInQuery = t.Object(
  {
    next: t.Optional(t.String({ maxLength: MAX_CURSOR_LENGTH, description: "The page to open afterwards" })),
  },
  closed,
);
export const ProviderList = t.Object({
  items: t.Array(t.Object({ id: t.String(), label: t.String({ description: "What its button says" }) })),
  nextCursor: t.Null(),
});
export const LinkBegun = t.Object({
  url: t.String({ description: "Where the browser goes to sign in there" }),
});
export const IdentityView = t.Object({
  id: t.String(),
  userId: t.String(),
  provider: t.String({ description: "Id of the provider" }),
  email: t.Union([t.String(), t.Null()], { description: "As the provider said last" }),
  createdAt: Moment("When it was linked"),
  lastUsedAt: OptionalMoment("When somebody last signed in by it"),
});
export type IdentityView = Static<typeof IdentityView>;
export const IdentityList = t.Object({ items: t.Array(IdentityView), nextCursor: t.Null() });
export const RoleView = t.Object({
  name: t.String(),
  scopes: t.Array(t.String()),
  description: t.String(),
  builtIn: t.Boolean({ description: "It ships with Binnacle and cannot be changed" }),
});
export type RoleView = Static<typeof RoleView>;
export const RoleList = t.Object({ items: t.Array(RoleView), nextCursor: t.Null() });
