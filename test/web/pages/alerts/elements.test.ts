import { describe, expect, test } from "bun:test";
import type { Alerts } from "../../../../web/data/alerts.ts";
import type { Defined } from "../../../../web/data/alerts-types.ts";
import type { Session } from "../../../../web/data/session.ts";
import { Toasts } from "../../../../web/data/toasts.ts";
import { mount, openDom } from "../../../support/dom.ts";
import { fakeAlert } from "../../../support/fake-alerts.ts";

openDom();
const { BnVerbDialog } = await import("../../../../web/pages/alerts/bn-verb-dialog.ts");
const { BnRuleList } = await import("../../../../web/pages/alerts/bn-rule-list.ts");
const { BnRuleEditor } = await import("../../../../web/pages/alerts/bn-rule-editor.ts");

const session = { can: () => true } as unknown as Session;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const rule = (id: string): Defined<"rule"> => ({
  ...{ id, name: `rule ${id}`, enabled: true, alertType: "disk_full", severity: "HIGH", dependsOn: [] },
  condition: {
    ...{ kind: "threshold", series: { name: "disk_used_percent" }, direction: "above" },
    ...{ value: 90, forSeconds: 0 },
  },
  ...{ createdAt: "", updatedAt: "", updatedBy: "" },
});

describe("the dialog of a mute", () => {
  test("begins each time with an hour chosen, and without a note", async () => {
    const dialog = await mount(new BnVerbDialog());
    const chosen = () =>
      [...dialog.renderRoot.querySelectorAll<HTMLInputElement>('input[type="radio"]')]
        .filter(({ checked }) => checked)
        .map(({ value }) => value);
    void dialog.ask("mute", [fakeAlert()]);
    await settle();
    expect(chosen()).toEqual(["1h"]);
    dialog.renderRoot.querySelector<HTMLInputElement>('input[value="8h"]')?.click();
    const note = dialog.renderRoot.querySelector("textarea");
    if (note !== null) note.value = "for the night";
    await dialog.updateComplete;
    expect(chosen()).toEqual(["8h"]);
    void dialog.ask("mute", [fakeAlert()]);
    await settle();
    expect([chosen(), note?.value]).toEqual([["1h"], ""]);
  });
});

describe("the switch of a rule", () => {
  test("shows what is so when the server refuses to turn it", async () => {
    const list = new BnRuleList();
    list.alerts = {
      save: async () => {
        throw new Error("refused");
      },
    } as unknown as Alerts;
    list.session = session;
    list.toasts = new Toasts({ now: () => 0, after: () => () => {} });
    list.rules = [rule("a")];
    await mount(list);
    const table = list.renderRoot.querySelector("bn-table");
    await table?.updateComplete;
    const control = table?.renderRoot.querySelector<HTMLInputElement>('[role="switch"]');
    control?.click();
    expect(control?.checked).toBe(false);
    await settle();
    list.rules = [rule("a")];
    await list.updateComplete;
    await table?.updateComplete;
    expect(control?.checked).toBe(true);
  });
});

describe("the editor of a rule", () => {
  test("begins anew with another rule: what was typed for the one is not saved as the other", async () => {
    const editor = new BnRuleEditor();
    editor.session = session;
    editor.rules = [rule("a"), rule("b")];
    editor.ruleId = "a";
    await mount(editor);
    const form = editor.renderRoot.querySelector("bn-definition-form");
    const values = { ...form?.values, name: "typed" };
    form?.dispatchEvent(new CustomEvent("change", { detail: { values } }));
    await editor.updateComplete;
    expect(form?.values.name).toBe("typed");
    editor.ruleId = "b";
    await editor.updateComplete;
    expect(form?.values.name).toBe("rule b");
  });
});
