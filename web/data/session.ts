import { covers, type Scope } from "../../schema/rules/scopes.ts";
import { Observable } from "../lib/observable.ts";
import type { Api } from "./api.ts";
import { ApiProblem } from "./problem.ts";
import type { Page, SessionAnswer, SetUpState, SignInProvider } from "./types.ts";

export type SessionState =
  | { kind: "unknown" }
  | { kind: "guest" }
  | { kind: "unreachable"; problem: ApiProblem }
  | ({ kind: "signed-in" } & SessionAnswer);

/** Stands for whoever looks without having signed in. */
export const ANONYMOUS_ID = "anonymous";

const anonymous = (scopes: SessionAnswer["scopes"]): SessionAnswer => ({
  user: {
    id: ANONYMOUS_ID,
    name: "anonymous",
    role: "viewer",
    createdAt: new Date(0).toISOString(),
    lastSignInAt: null,
    disabled: false,
    hasPassword: false,
  },
  scopes,
  expiresAt: null,
});

/** Who is signed in, and what they may do. */
export class Session {
  readonly state = new Observable<SessionState>({ kind: "unknown" });
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
    api.onSignedOut = () => this.#leave();
  }

  /** Asks the server who this browser is. Never throws for a failed request: the outcome is the state. */
  async refresh(): Promise<void> {
    try {
      // Asked first because it answers guests too: a 401 of the next would stand as an error in their console.
      const { needed, signedIn, anonymousScopes } = await this.#api.get<SetUpState>("/api/v3/setup");
      if (anonymousScopes.length > 0) this.#enter(anonymous(anonymousScopes));
      else if (needed || !signedIn) this.#leave();
      else this.#enter(await this.#api.get<SessionAnswer>("/api/v3/session"));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.status === 401) this.#leave();
      else if (this.state.value.kind !== "signed-in") this.state.set({ kind: "unreachable", problem: error });
    }
  }

  /** @throws ApiProblem when name or password are wrong, or too many attempts were made. */
  async signIn(name: string, password: string): Promise<void> {
    this.#enter(await this.#api.post<SessionAnswer>("/api/v3/session", { name, password }));
  }

  /** Gives where the browser goes to be signed out at the provider too, when one vouched for this person. */
  async signOut(): Promise<string | undefined> {
    const answer = await this.#api.request<{ signOutUrl: string } | undefined>("DELETE", "/api/v3/session");
    this.#leave();
    return answer?.signOutUrl;
  }

  /** The providers one can sign in with. */
  async providers(): Promise<SignInProvider[]> {
    return (await this.#api.get<Page<SignInProvider>>("/api/v3/sign-in")).items;
  }

  /** Sets a new password by a one-time link. @throws ApiProblem when the link or the password is refused. */
  async resetPassword(token: string, newPassword: string): Promise<void> {
    await this.#api.post("/api/v3/password-resets", { token, newPassword });
  }

  /** Whether this server still waits for its first administrator. */
  async isSetUpNeeded(): Promise<boolean> {
    return (await this.#api.get<SetUpState>("/api/v3/setup")).needed;
  }

  /**
   * Creates the first administrator with the one-time token of the printed link and signs in; what must be seen first is
   * shown by `beforeEntering`, when the browser has its session and the dashboard is not open yet.
   * @throws ApiProblem when the link is used, expired or wrong, or a field is refused.
   */
  async setUp(
    token: string,
    name: string,
    password: string,
    beforeEntering: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    await this.#api.post<unknown>("/api/v3/setup", { token, name, password });
    await beforeEntering();
    await this.refresh();
    if (this.state.value.kind !== "signed-in") await this.signIn(name, password);
  }

  /** True when the signed-in user holds `scope` (`users:admin`), directly or by a wider one. */
  can(scope: Scope): boolean {
    const state = this.state.value;
    return state.kind === "signed-in" && covers(state.scopes, scope);
  }

  #enter(answer: SessionAnswer): void {
    this.state.set({ kind: "signed-in", ...answer });
  }

  #leave(): void {
    const { value } = this.state;
    // Whoever may look without signing in is refused what is people's own; that is no end of anything.
    if (value.kind === "signed-in" && value.user.id === ANONYMOUS_ID) return;
    if (this.state.value.kind !== "guest") this.state.set({ kind: "guest" });
  }
}
