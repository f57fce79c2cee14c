// A take on its way to the disk: kept in the browser (IndexedDB) from the moment it is spoken until the server has it.
(() => {
  const vw = window.voicewright;
  const RETRY_MS = 3000;

  // Opened once and held: a page that is going away has no time to open it.
  let base = null;
  const opened = new Promise((resolve, reject) => {
    const opening = indexedDB.open("voicewright", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("takes", { keyPath: "id" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => { base = opening.result; resolve(); };
  });
  opened.catch(() => {}); // a private window: told when it is needed
  const store = async (mode, work) => {
    await opened;
    return new Promise((resolve, reject) => {
      const deal = base.transaction("takes", mode);
      const asked = work(deal.objectStore("takes"));
      deal.oncomplete = () => resolve(asked.result);
      deal.onerror = deal.onabort = () => reject(deal.error);
    });
  };
  const labelled = (take) => ({ ...take, base: vw.base, id: crypto.randomUUID(), at: Date.now() });

  const send = async (take) => {
    const query = new URLSearchParams({ project: take.project, speaker: take.speaker, who: vw.who() });
    if (take.prompt) query.set("prompt", take.prompt);
    if (vw.remembered("listen") !== "no") query.set("listen", "true");
    const answer = await fetch(`${take.base || ""}record/take?${query}`, { method: "POST", body: take.wav, headers: { "Content-Type": "audio/wav" } });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(said.error || vw.t("takes.answered", { status: answer.status })), { status: answer.status });
    return said;
  };
  // 422: the server looked at the sound and refused it; sending it again changes nothing. All else may pass.
  const isFinal = (error) => error.status === 422;

  const takes = (vw.takes = { waiting: 0, why: "", onchange: () => {}, onsaved: () => {} });
  let timer = null;
  const sending = new Set();

  // The server's answer, or {waiting: true, why} when it could not be reached: then it is sent again until it is saved.
  takes.save = async (take) => {
    take = labelled(take);
    sending.add(take.id);
    const kept = store("readwrite", (all) => all.put(take)).then(() => true, () => false);
    try {
      const said = await send(take);
      kept.then(() => forget(take.id));
      return said;
    } catch (error) {
      if (isFinal(error)) { kept.then(() => forget(take.id)); throw error; }
      if (!(await kept)) throw new Error(vw.t("takes.nowhere"));
      takes.waiting += 1;
      plan();
      return { waiting: true, why: error.status ? error.message : "" };
    } finally {
      sending.delete(take.id);
    }
  };

  // Calls back with the doubt about a take, if there is one, once the recogniser heard it; gives up after a minute.
  takes.listen = async (clip, told) => {
    for (let tries = 0; tries < 40; tries++) {
      await new Promise((done) => setTimeout(done, 1500));
      const said = await fetch(`${vw.base}record/said/${clip}`).then((answer) => answer.json(), () => null);
      if (said && said.heard) return void (said.doubt && told(said.doubt));
    }
  };

  // For a page that goes away: written without waiting, sent when a page is open again.
  takes.keep = (take) => {
    if (!base) return;
    const deal = base.transaction("takes", "readwrite");
    deal.objectStore("takes").put(labelled(take));
    if (deal.commit) deal.commit();
  };

  const forget = (id) => store("readwrite", (all) => all.delete(id));
  const plan = () => { if (!timer) timer = setTimeout(retry, RETRY_MS); };

  const retry = async () => {
    timer = null;
    const left = (await store("readonly", (all) => all.getAll())).filter((take) => !sending.has(take.id)).sort((a, b) => a.at - b.at);
    takes.why = "";
    const saved = new Map(); // prompt -> clip
    let n = 0;
    for (const take of left) {
      try {
        const { clip } = await send(take);
        if ((take.base || "") === vw.base) saved.set(take.prompt, clip);
      } catch (error) {
        if (error.status === 404 && take.base) continue; // its link is closed: kept, for when it is opened again
        if (!isFinal(error)) { takes.why = error.status ? error.message : ""; break; }
      }
      await forget(take.id);
      n += 1;
    }
    takes.waiting = left.length - n;
    takes.onchange();
    if (saved.size) takes.onsaved(saved);
    if (takes.waiting) plan();
  };
  takes.resume = () => retry().catch(() => {}); // a browser without IndexedDB has nothing to resume
})();
