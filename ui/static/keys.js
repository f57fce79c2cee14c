// One key table for the whole page (ui/keys.json, in window.voicewright.keys, see ui/look.py).
// A key of the open tab becomes: first a handler set by `voicewright.onKey(tab, action, fn)`; without one, a click on the
// element whose id is `<tab>-<action>` in lower case ("review-accept"). A tab needs nothing else to have keys.
// In a browser of its own a person may have other keys: key-table.js.
(() => {
  const vw = (window.voicewright = window.voicewright || {});
  const handlers = {};
  vw.onKey = (tab, action, fn) => { handlers[`${tab}/${action}`] = fn; };
  vw.openTab = () => {
    const tab = document.querySelector("#voicewright-tabs > .tab-wrapper [role=tab][aria-selected=true]");
    return tab ? tab.dataset.tabId : "";
  };

  // Shift is named with the keys that have no letter of their own for it ("Shift+ArrowLeft")
  const spelled = (vw.spelled = (event, withShift = true) => {
    const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const shift = withShift && event.shiftKey && event.key.length > 1 ? "Shift+" : "";
    return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + shift + key;
  });
  const typing = (target) =>
    target instanceof Element &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=button]):not([type=checkbox])"));
  // Space and Enter belong to a button, link or tab that the Tab key brought the focus to (a click blurs it, see below),
  // the arrows to a slider, and all keys to a dialog.
  const native = (target, spelling) =>
    target instanceof Element &&
    (target.closest("dialog[open], [role=dialog], [role=listbox]") ||
      (spelling.startsWith("Arrow") && target.closest("[role=slider]")) ||
      (["Space", "Enter"].includes(spelling) && target.closest("button:not([aria-selected=true]), a, summary")));

  const wanted = (event) => {
    const tab = vw.openTab(), exact = spelled(event);
    const rowOf = (spelling) => (vw.keys[tab] || []).find((row) => row.keys.includes(spelling) && (row.typing || !typing(event.target)));
    const entry = rowOf(exact) || rowOf(spelled(event, false));
    return entry && !native(event.target, exact) ? { tab, action: entry.action } : null;
  };

  const act = ({ tab, action }) => {
    const handler = handlers[`${tab}/${action}`];
    if (handler) return handler();
    const id = `${tab}-${action}`.toLowerCase();
    const found = document.getElementById(id);
    const button = found && (found.matches("button") ? found : found.querySelector("button"));
    const field = found && found.querySelector("textarea, input");
    if (button && !button.disabled) button.click();
    else if (field) { field.focus(); field.select(); }
  };

  document.addEventListener("keydown", (event) => {
    const key = wanted(event);
    if (!key) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) act(key);
  }, true);
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && wanted(event)) event.preventDefault();
  }, true);
  // A button clicked with the mouse keeps the focus, and the next Space would press it a second time.
  document.addEventListener("click", (event) => {
    const button = event.detail > 0 && event.target instanceof Element && event.target.closest("button");
    if (button) button.blur();
  }, true);
})();
