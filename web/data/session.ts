import { covers, type Scope } from "../../schema/rules/scopes.ts";
import { Observable } from "../lib/observable.ts";
import type { Api } from "./api.ts";
import { ApiProblem } from "./problem.ts";
import type { SessionAnswer, SetUpState } from "./types.ts";

export type SessionState =
  | { kind: "unknown" }
  | { kind: "guest" }
  | { kind: "unreachable"; problem: ApiProblem }
  | ({ kind: "signed-in" } & SessionAnswer);

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
      const { needed, signedIn } = await this.#api.get<SetUpState>("/api/v3/setup");
      if (needed || !signedIn) this.#leave();
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

  async signOut(): Promise<void> {
    await this.#api.delete("/api/v3/session");
    this.#leave();
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
    if (this.state.value.kind !== "guest") this.state.set({ kind: "guest" });
  }
}
