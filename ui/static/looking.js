// Which tab is looked at, and what it shows: the tabs are drawn when somebody looks at them, and not before.
// `seen` are the values of two hidden fields a tab, in the order of `tabs`: first `entered`, then `showing` (ui/page.py).
(() => {
  const vw = window.voicewright;
  let isRestored = false, times = 0;
  const look = (tabs, seen) => {
    if (!isRestored) return seen; // a tab may be opened before it is known which project that is for
    const at = tabs.indexOf(vw.openTab());
    return seen.map((was, i) => i === at ? `${++times}` : i === at + tabs.length ? vw.project : was);
  };

  // Another project was opened, or the one that this browser had.
  vw.showProject = (tabs, slug, seen) => {
    const isOther = vw.project !== slug;
    if (isOther) vw.setProject(slug);
    if (isRestored && !isOther) return seen;
    isRestored = true;
    return look(tabs, seen);
  };
  vw.changeTab = (tabs, seen) => {
    const tab = vw.rememberTab();
    return [...look(tabs, seen), ...tabs.map((one) => ({ __type__: "update", active: one === tab }))];
  };
})();
