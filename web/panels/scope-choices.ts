import { css, html, nothing, type TemplateResult } from "lit";
import {
  AREA_DESCRIPTIONS,
  type GrantedScope,
  parseScope,
  SCOPE_ACTIONS,
  SCOPE_AREAS,
  type ScopeArea,
} from "../../schema/rules/scopes.ts";
import type { Session } from "../data/session.ts";

/** How {@link scopeChoices} looks. */
export const scopeStyles = css`
  .scopes {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: 6px var(--space-3);
    font-size: var(--text-13);
  }

  .scopes select {
    width: auto;
    min-width: 110px;
  }

  .scopes small {
    display: block;
    color: var(--faint);
    font-size: var(--text-12);
  }
`;

/** Fields of a form that choose scopes among those that `session` can hand on; `chosen` are set already. */
export function scopeChoices(
  session: Session | undefined,
  chosen: readonly GrantedScope[] = [],
): TemplateResult {
  return html`<div class="scopes">
    ${everythingChoice(session, chosen)} ${SCOPE_AREAS.map((area) => areaChoice(area, session, chosen))}
  </div>`;
}

/** The scopes a filled form asks for. */
export function chosenScopes(fields: FormData): GrantedScope[] {
  if (fields.get("all") !== null) return ["*"];
  return fields.getAll("scope").flatMap((value) => parseScope(String(value)) ?? []);
}

/** Only who may do everything can hand it on. */
function everythingChoice(session: Session | undefined, chosen: readonly GrantedScope[]): unknown {
  const state = session?.state.value;
  if (state?.kind !== "signed-in" || !state.scopes.includes("*")) return nothing;
  return html`<label for="all">Everything<small>All areas, also those to come</small></label
    ><input type="checkbox" id="all" name="all" ?checked=${chosen.includes("*")} />`;
}

function areaChoice(area: ScopeArea, session: Session | undefined, chosen: readonly GrantedScope[]): unknown {
  const actions = SCOPE_ACTIONS.filter((action) => session?.can(`${area}:${action}`));
  if (actions.length === 0) return nothing;
  return html`<label for="scope-${area}">${area}<small>${AREA_DESCRIPTIONS[area]}</small></label>
    <select id="scope-${area}" name="scope">
      <option value="">nothing</option>
      ${actions.map((action) => {
        const scope = `${area}:${action}` as const;
        return html`<option value=${scope} ?selected=${chosen.includes(scope)}>${action}</option>`;
      })}
    </select>`;
}
