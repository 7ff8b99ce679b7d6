import { html } from "lit";
import type { Parts } from "../../compose.ts";
import { navigationFor } from "../navigation.ts";
import type { Route } from "../router.ts";

/** Pages of who enters, and their own. */
export const ENTRY_ROUTES: readonly Route<Parts>[] = [
  {
    path: "/account",
    title: "Account",
    audience: "member",
    load: () => import("../../pages/account/bn-account-page.ts"),
    render: ({ people, session, toasts, preferences }, { query }) =>
      html`<bn-account-page
        refusal=${query.get("problem") ?? ""}
        .people=${people}
        .session=${session}
        .toasts=${toasts}
        .preferences=${preferences}
        .pages=${navigationFor(session, ({ isOutside }) => isOutside !== true).flatMap(({ items }) => items)}
      ></bn-account-page>`,
  },
  {
    path: "/sign-in",
    title: "Sign in",
    audience: "guest",
    load: () => import("../../pages/sign-in/bn-sign-in-page.ts"),
    render: ({ session }, { query }) =>
      html`<bn-sign-in-page
        .session=${session}
        next=${query.get("next") ?? ""}
        refusal=${query.get("problem") ?? ""}
      ></bn-sign-in-page>`,
  },
  {
    path: "/reset-password",
    title: "Set a new password",
    audience: "anyone",
    load: () => import("../../pages/sign-in/bn-reset-page.ts"),
    render: ({ session }, { hash }) =>
      html`<bn-reset-page
        .session=${session}
        .token=${new URLSearchParams(hash.slice(1)).get("token") ?? ""}
      ></bn-reset-page>`,
  },
  {
    path: "/setup",
    title: "Set up Binnacle",
    audience: "guest",
    load: () => import("../../pages/sign-in/bn-setup-page.ts"),
    render: ({ session, vault }, { hash, query }) =>
      html`<bn-setup-page
        .session=${session}
        .vault=${vault}
        .token=${new URLSearchParams(hash.slice(1)).get("token") ?? query.get("token") ?? ""}
      ></bn-setup-page>`,
  },
];
