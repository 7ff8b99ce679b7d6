import { expect, test } from "bun:test";
import type { AuditEntry } from "../../../web/data/audit.ts";
import { mount, openDom } from "../../support/dom.ts";

openDom();
// The list reads how much of it can be seen, which this DOM does not lay out.
Object.assign(globalThis, { innerHeight: 800 });
const { BnAuditDetail } = await import("../../../web/pages/audit/bn-audit-detail.ts");
const { BnAuditRows } = await import("../../../web/pages/audit/bn-audit-rows.ts");

const TURNED = "disk\u202egpj.exe\u200b";
const WRITTEN_OUT = "disk\\u202egpj.exe\\u200b";
const entry: AuditEntry = {
  ...{ seq: 7, at: "2030-01-01T00:00:00.000Z", actor: TURNED, action: "alert.trigger", target: TURNED },
  ...{ outcome: "ok", count: 1, address: "127.0.0.1", correlationId: "c-1", mac: "ab" },
  detail: { note: TURNED },
};

test("what somebody gave as a name or a target shows the characters that would disguise it", async () => {
  const rows = new BnAuditRows();
  rows.rows = [entry];
  await mount(rows);
  for (const cell of [".actor", ".target"]) {
    const shown = rows.renderRoot.querySelector(cell);
    expect([shown?.textContent, shown?.getAttribute("title")]).toEqual([WRITTEN_OUT, WRITTEN_OUT]);
  }
  const detail = await mount(new BnAuditDetail());
  void detail.open(entry);
  await detail.updateComplete;
  await detail.updateComplete;
  const told = detail.renderRoot.textContent ?? "";
  expect(told.split(WRITTEN_OUT).length - 1).toBe(3);
  expect(told).not.toContain("\u202e");
});
