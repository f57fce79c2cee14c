// The keyboard keeps its place: when what has the focus is drawn anew, put out of use or hidden, its successor gets it.
(() => {
  const CHOICES = "button, a[href], input, select, textarea, summary, [tabindex='0']";
  const WAIT_MS = 400; // the server's answer draws in several steps
  let last = null; // where the focus is: {element, root, key}
  let timer = 0;

  const isUsable = (element) => element.isConnected && !element.disabled && element.checkVisibility();
  const keyOf = (element) => {
    const row = element.closest("tr, li");
    return JSON.stringify([element.tagName, { ...element.dataset }, row ? { ...row.dataset } : null]);
  };
  const rootOf = (element) => element.parentElement && element.parentElement.closest("[id]");
  const remember = (element) => {
    const root = rootOf(element);
    last = root ? { element, root: root.id, key: keyOf(element), isPlain: !Object.keys(element.dataset).length } : null;
  };
  const tabs = () => document.querySelector("#voicewright-tabs [role=tab][aria-selected=true]");
  const isLost = () => last && !isUsable(last.element) && [null, document.body, last.element].includes(document.activeElement);

  const twin = (found) => (last.isPlain ? null : found.find((element) => keyOf(element) === last.key));
  const heir = (found) => found.find((element) => element.matches("[aria-current]")) || found.find((element) => element.matches(".vw-big")) || found[0];
  const restore = (isFinal) => {
    if (!isLost()) return;
    const root = document.getElementById(last.root);
    const found = root ? [...root.querySelectorAll(CHOICES)].filter(isUsable) : [];
    const next = twin(found) || (isFinal ? heir(found) || tabs() : null);
    if (next) next.focus();
    else if (isFinal) last = null;
  };
  const look = () => {
    if (!isLost()) return;
    restore(false);
    clearTimeout(timer);
    timer = setTimeout(() => restore(true), WAIT_MS);
  };

  document.addEventListener("focusin", (event) => remember(event.target));
  // left on purpose (a click elsewhere, Escape): nothing to bring back
  document.addEventListener("focusout", () => setTimeout(() => {
    if (last && isUsable(last.element) && document.activeElement === document.body) last = null;
  }));
  const changes = { childList: true, subtree: true, attributeFilter: ["disabled", "hidden", "class"] };
  new MutationObserver(look).observe(document.documentElement, changes);
})();

// to what a press elsewhere on the page has changed
window.voicewright.toTop = (id) => {
  const box = document.getElementById(id);
  if (box && (box.getBoundingClientRect().top < 0 || box.getBoundingClientRect().top > innerHeight / 2)) box.scrollIntoView({ block: "start" });
};
