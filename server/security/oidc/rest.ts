import { AppError } from "../../errors/app-error.ts";
import type { Exchange } from "../../http/exchange.ts";
import { guard, routes } from "../../http/guard.ts";
import * as model from "../model.ts";
import { nextPage } from "../next-page.ts";
import { type AccessVerbs, handSession } from "../rest.ts";
import { identityView } from "../views.ts";
import type { Flow, FlowCookies } from "./flow-cookie.ts";
import type { Identities } from "./identities.ts";
import type { ProviderSignIn } from "./provider-sign-in.ts";
import type { Providers } from "./providers.ts";

/** What the routes of OpenID sign-in call. */
export interface ProviderVerbs extends Pick<AccessVerbs, "deviceCookies" | "sessionCookie"> {
  providers: Providers;
  providerSignIn: ProviderSignIn;
  flowCookies: FlowCookies;
  identities: Identities;
  /** The address of this server as the providers know it; undefined to go by what the browser asked for. */
  publicUrl: () => string | undefined;
}

const SEE_OTHER = 303;
const SIGN_IN_PAGE = "/sign-in";
const ACCOUNT_PAGE = "/account";

/** Sign-in by OpenID providers: two redirects, and the accounts that were linked. */
export const providerRoutes = (verbs: ProviderVerbs) => {
  const { providers, providerSignIn, flowCookies, identities } = verbs;
  return routes("access")
    .get(
      "/api/v3/sign-in",
      () => ({ items: providers.list(), nextCursor: null }),
      guard("open", { summary: "List the providers one can sign in with", response: model.ProviderList }),
    )
    .get(
      "/api/v3/sign-in/:provider",
      async ({ params, query, exchange }) => {
        const next = nextPage(query.next);
        return orToPage(exchange, SIGN_IN_PAGE, async () => {
          const redirectUri = redirectUriOf(params.provider, exchange, verbs);
          const { url, flow } = await providerSignIn.begin(params.provider, { redirectUri, next });
          exchange.cookies.push(flowCookies.print(flow, exchange.isSecure));
          return url;
        });
      },
      guard("open", {
        summary: "Go to a provider to sign in there",
        params: model.ByProvider,
        query: model.SignInQuery,
      }),
    )
    .get(
      "/api/v3/sign-in/:provider/callback",
      async ({ params, request, exchange }) => {
        const query = new URL(request.url).searchParams;
        const flow = flowCookies.take(request.headers.get("cookie"), params.provider, query.get("state"));
        exchange.cookies.push(flowCookies.clear(exchange.isSecure));
        const page = flow?.linkTo ? ACCOUNT_PAGE : SIGN_IN_PAGE;
        return orToPage(exchange, page, () => ended(flow, query.toString(), exchange, verbs));
      },
      guard("open", { summary: "Where a provider sends the browser back to", params: model.ByProvider }),
    )
    .post(
      "/api/v3/sign-in/:provider/links",
      async ({ params, exchange }) => {
        const { principal } = exchange;
        if (principal.kind !== "session") {
          throw new AppError("scope_missing", "Only a signed-in person links an account of theirs.");
        }
        const { userId, sessionId } = principal;
        const { url, flow } = await providerSignIn.begin(params.provider, {
          redirectUri: redirectUriOf(params.provider, exchange, verbs),
          next: ACCOUNT_PAGE,
          linkTo: { userId, sessionId },
        });
        exchange.cookies.push(flowCookies.print(flow, exchange.isSecure));
        return { url };
      },
      guard("signed-in", {
        summary: "Begin to link an account at a provider to oneself",
        params: model.ByProvider,
        response: model.LinkBegun,
      }),
    )
    .get(
      "/api/v3/identities",
      async ({ query, exchange }) => ({
        items: (await identities.list(query.userId, exchange)).map(identityView),
        nextCursor: null,
      }),
      guard("signed-in", {
        summary: "List one's own linked accounts, or with users:read another's",
        query: model.WhoseSessions,
        response: model.IdentityList,
      }),
    )
    .delete(
      "/api/v3/identities/:id",
      ({ params, exchange }) => identities.remove(params.id, exchange),
      guard("signed-in", {
        summary: "Unlink one of one's own accounts, or with users:write anybody's",
        params: model.ById,
      }),
    );
};

async function ended(
  flow: Flow | undefined,
  query: string,
  exchange: Exchange,
  { providerSignIn, ...cookies }: ProviderVerbs,
): Promise<string> {
  if (!flow) throw new AppError("sign_in_expired");
  if (flow.linkTo) await providerSignIn.link(flow, query, exchange);
  else {
    const userAgent = exchange.request.headers.get("user-agent") ?? "";
    const signedIn = await providerSignIn.finish(flow, query, exchange, userAgent);
    handSession(signedIn, exchange, cookies);
  }
  return flow.next;
}

/** A person in a browser is on the way: what they can understand goes to a page, not into a problem document. */
async function orToPage(exchange: Exchange, page: string, work: () => Promise<string>): Promise<Response> {
  try {
    return redirect(await work());
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === "internal") throw error;
    exchange.error = error;
    const query = new URLSearchParams({ problem: error.code, correlation: exchange.correlationId });
    return redirect(`${page}?${query}`);
  }
}

const redirect = (location: string): Response =>
  new Response(null, { status: SEE_OTHER, headers: { location, "cache-control": "no-store" } });

const redirectUriOf = (provider: string, exchange: Exchange, { publicUrl }: ProviderVerbs): string =>
  `${baseOf(exchange, publicUrl)}/api/v3/sign-in/${provider}/callback`;

/** The address of this server without a slash at its end. */
export const baseOf = (exchange: Exchange, publicUrl: () => string | undefined): string =>
  (publicUrl() ?? exchange.origin).replace(/\/$/, "");
