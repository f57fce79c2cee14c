// The booth: who records here comes from the link's token, and nothing is recorded before its speaker agreed.
(() => {
  const vw = window.voicewright;
  vw.openTab = () => "Record"; // the one room there is

  let version = 0; // of the text that is shown
  const $ = (name) => document.querySelector(`#booth-top ${name}`);
  const bad = (text) => { $(".vw-booth-bad").textContent = text; $(".vw-booth-bad").hidden = !text; };
  const ask = async (what, method = "GET") => {
    const answer = await fetch(vw.base + what, { method, cache: "no-store" }).catch(() => null);
    if (!answer) throw new Error(vw.t("booth.no_answer"));
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.error), { status: answer.status });
    return said;
  };

  // The recorder is not there before the speaker agreed; whose takes they are, nobody chooses here.
  const room = (isOpen) => {
    for (const id of ["record-desk", "booth-keys"]) document.getElementById(id).style.display = isOpen ? "" : "none";
    document.querySelector("#record-desk .vw-speaker").closest("label").style.display = "none";
  };
  const show = (about) => {
    $(".vw-booth-who").textContent = `${about.name} · ${about.speaker}`;
    document.title = `${about.speaker} · ${about.name}`;
    const { consent, free, agreed_at } = about;
    room(free);
    $(".vw-consent").hidden = free;
    $(".vw-consented").hidden = !(consent && free);
    if (consent) {
      version = consent.version;
      $(".vw-consent-text").textContent = consent.text;
      $(".vw-consent-version").textContent = vw.t("booth.version", { version });
    }
    if (agreed_at) $(".vw-consented span").textContent = vw.t("booth.agreed", { date: new Date(1000 * agreed_at).toLocaleDateString(vw.language), version: consent ? consent.version : "" });
    if (!free) return vw.setProject("");
    vw.remember(`speaker:${about.project}`, about.speaker);
    vw.setProject(about.project);
  };
  const load = async () => {
    try {
      show(await ask("about"));
      bad("");
    } catch (error) {
      bad(error.message);
      if (!error.status) setTimeout(load, 3000);
    }
  };
  const begin = () => {
    if (!document.querySelector("#booth-top .vw-consent") || !document.querySelector("#record-desk .vw-speaker")) return setTimeout(begin, 30);
    room(false);
    if (!vw.base) return bad(vw.t("booth.lost"));
    const change = async (what) => {
      try { await ask(what, "POST"); } catch (error) { bad(error.message); }
      await load();
    };
    $(".vw-consent-agree").onclick = () => change(`agree?version=${version}`);
    $(".vw-consent-withdraw").onclick = () => {
      if (confirm(vw.t("booth.sure"))) change("withdraw");
    };
    load();
  };
  begin();
})();
