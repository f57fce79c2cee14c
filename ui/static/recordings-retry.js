// A stretch that was not found: from where to where, which words are said at its beginning, the places set by hand.
const anchors = () => (given.anchors || []).filter((anchor) => anchor.recording === line?.id);
const fillMark = (from, to) => {
  for (const [name, at] of [["from", from], ["to", to]]) if (document.activeElement !== part(name)) part(name).value = clockOf(at, 2);
};
const marked = () => {
  const from = secondsOf(part("from").value), to = secondsOf(part("to").value);
  return from >= 0 && to > from && from < whole() ? { from, to: Math.min(to, whole()) } : null;
};
const remark = () => {
  mark = marked();
  for (const name of ["from", "to"]) part(name).setAttribute("aria-invalid", String(!mark));
  if (mark) see(mark.from, mark.to);
  draw();
};
const hitOf = (hit) => {
  const made = document.createElement("li"), words = named("span", "", "vw-line-said"), at = secondsOf(part("from").value);
  words.dir = "auto";
  words.append(`${hit.before} `, named("b", hit.said), ` ${hit.after} `);
  words.append(named("small", hit.name));
  const set = button(vw.t("long.set", { at: clockOf(at, 2) }), "set");
  Object.assign(set.dataset, { section: hit.section, word: hit.word });
  made.append(words, set);
  return made;
};
let searchTimer = 0, asked = "";
const search = () => {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(async () => {
    const query = (asked = part("search").value.trim());
    if (!query || !line) { part("hits").replaceChildren(); return; }
    const answer = await fetch(`/recording/${line.id}/words?q=${encodeURIComponent(query)}`).catch(() => null);
    const found = answer?.ok ? await answer.json() : [];
    if (query !== asked) return;
    part("hits").replaceChildren(...(found.length ? found.map(hitOf) : [named("li", vw.t("long.no_hit"), "vw-quiet")]));
  }, 250);
};
const set = ({ section, word }) => {
  const at = secondsOf(part("from").value);
  trigger("anchor", { asked: { recording: line.id, section: Number(section), word: Number(word), at } });
  part("search").value = "";
  part("hits").replaceChildren();
};
const drawAnchors = () => {
  const made = anchors().map((anchor) => {
    const item = document.createElement("li"), words = named("span", "", "vw-line-said"), remove = button(vw.t("long.unset"), "unset");
    words.dir = "auto";
    words.append(named("b", clockOf(anchor.at, 2)), ` ${anchor.words}`);
    remove.dataset.id = anchor.id;
    remove.setAttribute("aria-label", vw.t("long.unset_this", { words: anchor.words }));
    item.append(words, remove);
    return item;
  });
  part("anchors").replaceChildren(...(made.length ? made : [named("li", vw.t("long.no_anchor"), "vw-quiet")]));
};
const retry = () => {
  const shown = piece();
  part("retry").open = true;
  if (shown) { mark = { from: shown.start, to: shown.end }; fillMark(shown.start, shown.end); draw(); }
  part("search").focus();
};
