// The dialog of the keys of the open tab: each can be another one in this browser, none twice, all as they were with one press.
// What was chosen is kept as {tab: {label of the row: key}}; keys.js reads vw.keys, which is changed here.
(() => {
  const vw = window.voicewright;
  const shipped = JSON.parse(JSON.stringify(vw.keys));
  const FACES = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", Backspace: "⌫", Enter: "⏎", Escape: "Esc" };
  const RESERVED = ["Tab", "Shift+Tab", "Escape", "Shift", "Control", "Alt", "Meta", "Dead", "Unidentified"];
  const face = (key) => key.split(/\+(?=.)/).map((part) => (part === "Space" ? vw.t("key.space") : FACES[part] || part)).join(" + ");
  const chosen = () => { try { return JSON.parse(vw.remembered("keys") || "{}"); } catch { return {}; } };
  const apply = () => {
    const mine = chosen();
    for (const [tab, rows] of Object.entries(shipped)) {
      vw.keys[tab] = rows.map((row) => { const key = (mine[tab] || {})[row.label]; return key ? { ...row, keys: [key] } : row; });
    }
  };
  const showOnPage = (root) => {
    for (const place of root.querySelectorAll("[data-key] kbd")) {
      const [tab, label] = place.parentElement.dataset.key.split("/"), row = (vw.keys[tab] || []).find((one) => one.label === label);
      if (row && place.textContent !== face(row.keys[0])) place.textContent = face(row.keys[0]);
    }
  };
  const choose = (tab, label, key) => {
    const mine = chosen();
    mine[tab] = { ...mine[tab], [label]: key };
    vw.remember("keys", JSON.stringify(mine));
  };
  const renew = () => { apply(); showOnPage(document); };

  const box = document.createElement("dialog");
  box.className = "vw-dialog vw-key-table";
  let waiting = null; // {label, button} whose new key is being asked for
  const say = (text) => { box.querySelector("[role=status]").textContent = text; };
  const button = (text, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "vw-small", textContent: text });
    made.addEventListener("click", () => act(made));
    return made;
  };
  const ask = (label, pressed) => {
    waiting = { label, button: pressed };
    pressed.textContent = vw.t("key.press");
    say(vw.t("key.press_about", { action: vw.t(label) }));
    pressed.focus();
  };
  const line = (tab, row) => {
    const made = document.createElement("tr"), name = document.createElement("th"), cell = document.createElement("td");
    name.scope = "row";
    name.textContent = vw.t(row.label);
    const change = button(row.keys.map(face).join(" / "), (pressed) => ask(row.label, pressed));
    change.dataset.label = row.label;
    change.setAttribute("aria-label", vw.t("key.change", { action: vw.t(row.label), key: row.keys.map(face).join(" / ") }));
    cell.append(change);
    made.append(name, cell);
    return made;
  };
  const fill = (tab) => {
    const head = Object.assign(document.createElement("h2"), { textContent: vw.t("key.keys"), id: "voicewright-keys-title" });
    const about = Object.assign(document.createElement("p"), { textContent: vw.t("key.about"), className: "vw-quiet" });
    const table = document.createElement("table"), last = document.createElement("div"), told = document.createElement("p");
    told.setAttribute("role", "status");
    table.append(...vw.keys[tab].map((row) => line(tab, row)));
    last.className = "vw-dialog-row";
    last.append(button(vw.t("key.reset"), () => {
      vw.remember("keys", JSON.stringify({ ...chosen(), [tab]: {} }));
      renew();
      fill(tab);
      say(vw.t("key.was_reset"));
    }), button(vw.t("key.close"), () => box.close()));
    box.setAttribute("aria-labelledby", head.id);
    box.dataset.tab = tab;
    box.replaceChildren(head, about, told, table, last);
  };
  const take = (event) => {
    if (!waiting) return;
    const key = vw.spelled(event), tab = box.dataset.tab, { label } = waiting;
    event.stopPropagation();
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    waiting = null;
    const other = vw.keys[tab].find((row) => row.label !== label && row.keys.includes(key));
    const isRefused = RESERVED.includes(key) || other;
    if (!isRefused) { choose(tab, label, key); renew(); }
    fill(tab);
    if (key === "Escape") say("");
    else if (other) say(vw.t("key.taken", { key: face(key), action: vw.t(other.label) }));
    else say(isRefused ? vw.t("key.reserved", { key: face(key) }) : vw.t("key.changed", { key: face(key), action: vw.t(label) }));
    box.querySelector(`[data-label="${label}"]`)?.focus();
  };
  box.addEventListener("keydown", take);
  box.addEventListener("close", () => { waiting = null; });
  const open = (tab) => {
    if (!box.isConnected) (document.querySelector(".gradio-container") || document.body).append(box);
    fill(tab);
    box.showModal();
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-keys-of]");
    if (button) open(button.dataset.keysOf);
  });
  for (const tab of Object.keys(shipped)) vw.onKey(tab, "keys", () => open(tab));
  apply();
  // what the server draws anew shows the keys of this browser, too
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => node instanceof Element && showOnPage(node))))
    .observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => showOnPage(document));
})();
