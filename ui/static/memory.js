// What this browser remembers: who it is, the open project, the tab. Truth about the data is on the server's disk.
(() => {
  const vw = window.voicewright;
  // A booth asks below its link, whose token came behind the #; what it remembers is not the page's.
  vw.base = vw.isBooth && location.hash.length > 1 ? `/b/${location.hash.slice(1)}/` : "";
  const name = (key) => `voicewright:${vw.isBooth ? "booth:" : ""}${key}`;
  vw.remembered = (key) => { try { return localStorage.getItem(name(key)); } catch { return null; } };
  vw.remember = (key, value) => { try { localStorage.setItem(name(key), value); } catch { /* private window: forgotten at reload */ } };
  vw.who = () => {
    if (!vw.remembered("who")) vw.remember("who", `page:${crypto.randomUUID ? crypto.randomUUID().slice(0, 8) : Math.random().toString(36).slice(2, 10)}`);
    return vw.remembered("who") || "page:private";
  };

  const listeners = [];
  vw.project = "";
  vw.onProject = (fn) => { listeners.push(fn); if (vw.project) fn(vw.project); };
  vw.setProject = (slug) => {
    vw.project = slug;
    vw.remember("project", slug);
    listeners.forEach((fn) => fn(slug));
  };
  // what a tab needs only once somebody sees it
  const waiting = new Map();
  vw.whenOpen = (tab, fn) => { waiting.set(tab, fn); if (vw.openTab() === tab) vw.rememberTab(); };
  vw.rememberTab = () => {
    const tab = vw.openTab(), fn = waiting.get(tab);
    if (tab) vw.remember("tab", tab);
    waiting.delete(tab);
    if (fn) fn();
    return tab || "";
  };
  vw.restoreTab = () => {
    const wanted = vw.remembered("tab");
    const tabs = [...document.querySelectorAll("#voicewright-tabs > .tab-wrapper [role=tab]")];
    const found = tabs.find((tab) => tab.dataset.tabId === wanted);
    if (found && wanted !== vw.openTab()) found.click();
  };

  // A page that outlived its server has lost its place there (gr.State): it says so, and loads anew once it is back.
  const ALIVE_MS = 3000;
  let boot = null;
  const banner = (text) => {
    const box = document.getElementById("voicewright-gone") || document.body.appendChild(
      Object.assign(document.createElement("div"), { id: "voicewright-gone", role: "alert" }));
    box.textContent = text;
    box.hidden = !text;
  };
  const look = async () => {
    const answer = await fetch(`${vw.base}alive`, { cache: "no-store" }).then((found) => found.json(), () => null);
    if (!answer) return banner(vw.t("page.gone"));
    boot = boot || answer.boot;
    const isBusy = vw.isBusy && vw.isBusy();
    if (answer.boot === boot) banner("");
    else if (!isBusy) { clearInterval(timer); location.reload(); }
  };
  const timer = setInterval(look, ALIVE_MS);
  look();
})();
