// What the Record tab shows. It reads the recorder's state `s` and its microphone, and changes neither.
(() => {
  const vw = window.voicewright;
  const WINDOW = 40; // rows of the list that are drawn: a script may have 10,000 lines
  const LAMP_MS = 1500;
  const READ_MS = 1000; // how often a screen reader is given a new level

  vw.isLeft = (prompt) => !prompt.take && !prompt.waiting && !prompt.skipped;
  vw.recorderView = (root, s, mic) => {
    const $ = (name) => root.querySelector(name);
    const button = (name) => root.querySelector(`[data-do=${name}]`);
    const view = {};
    let read = 0; // when the level was last given to screen readers

    // Live regions: what stands there already is not said a second time.
    const tell = (name, text) => { if ($(name).textContent !== text) $(name).textContent = text; };

    view.phase = (name) => {
      s.phase = root.dataset.phase = name;
      $(".vw-big span").textContent = vw.t(`recorder.big.${name === "ready" && s.handsFree ? "speak" : name}`);
      $(".vw-big").setAttribute("aria-pressed", String(name === "recording"));
    };
    view.say = (sentences, kind = "info") => {
      const rows = [].concat(sentences).filter(Boolean);
      $(".vw-said").replaceChildren(...rows.map((row) => {
        const p = document.createElement("p");
        p.className = `vw-note vw-${row.kind || kind}`;
        if ((row.kind || kind) === "bad") p.setAttribute("role", "alert");
        p.textContent = row.text || row;
        return p;
      }));
    };
    view.target = () => [s.prompts[s.last === null ? s.at : s.last]].find((prompt) => prompt && (prompt.take || prompt.url));

    const state = (prompt) => (prompt.waiting ? vw.t("recorder.is.held") : prompt.skipped ? vw.t("recorder.is.skipped") : prompt.again ? vw.t("recorder.is.again") : prompt.take ? vw.t("recorder.is.done") : "");
    const musts = () => {
      const wanted = s.prompts.filter((prompt) => prompt.must && !prompt.skipped);
      const n = wanted.filter(vw.isLeft).length;
      return n ? `; ${vw.t("recorder.musts_missing", { n, total: wanted.length })}` : wanted.length ? `; ${vw.t("recorder.no_must_missing")}` : "";
    };
    const kind = (prompt) => (prompt.waiting ? "vw-held" : prompt.skipped ? "vw-skipped" : prompt.again ? "vw-again" : prompt.take ? "vw-done" : "");
    view.draw = () => {
      const prompt = s.prompts[s.at];
      tell(".vw-prompt", prompt ? prompt.text : vw.t(s.project ? "recorder.no_prompts" : "recorder.no_project"));
      $(".vw-prompt").classList.toggle("vw-none", !prompt);
      $(".vw-place").textContent = prompt ? vw.t("recorder.place", { place: s.at + 1 }) : "";
      $(".vw-group").textContent = prompt ? prompt.group : "";
      $(".vw-must").hidden = !prompt || !prompt.must;
      $(".vw-has").textContent = prompt ? state(prompt) : "";
      tell(".vw-count", s.prompts.length ? vw.t("recorder.count", { done: s.done, total: s.prompts.length, minutes: s.minutes }) + musts() : "");
      $(".vw-progress .vw-bar i").style.width = `${s.prompts.length ? (100 * s.done) / s.prompts.length : 0}%`;
      const other = s.last !== null && s.last !== s.at;
      button("play").disabled = button("retake").disabled = !view.target();
      button("play").textContent = other ? vw.t("recorder.play_place", { place: s.last + 1 }) : vw.t("recorder.play");
      button("retake").textContent = other ? vw.t("recorder.retake_place", { place: s.last + 1 }) : vw.t("recorder.retake");
      button("previous").disabled = s.at <= 0;
      button("next").disabled = s.at >= s.prompts.length - 1;
      button("skip").disabled = !prompt || Boolean(prompt.take);
      $(".vw-big").disabled = !s.project;
      list();
      view.waiting();
      view.ondraw();
    };
    view.ondraw = () => {};

    const list = () => {
      const first = Math.max(0, Math.min(s.at - 6, s.prompts.length - WINDOW));
      $(".vw-list ol").replaceChildren(...s.prompts.slice(first, first + WINDOW).map((prompt, i) => {
        const row = document.createElement("li");
        const link = document.createElement("button");
        link.type = "button";
        const text = document.createElement("span");
        text.dir = "auto";
        text.textContent = prompt.text;
        const said = document.createElement("span");
        said.className = "vw-sr";
        said.textContent = state(prompt);
        link.append(prompt.must ? `${vw.t("recorder.must")} · ` : "", text, said);
        link.title = [prompt.text, prompt.again || prompt.skipped].filter(Boolean).join(" — ");
        link.className = kind(prompt);
        if (first + i === s.at) link.setAttribute("aria-current", "true");
        link.dataset.prompt = prompt.id; // by which the focus finds it when the list is drawn anew
        link.onclick = (event) => {
          view.onchoose(first + i);
          if (!event.detail) $(".vw-big").focus(); // chosen by key: the next key is for saying it
        };
        row.value = first + i + 1;
        row.append(link);
        return row;
      }));
      const here = $(".vw-list [aria-current]");
      if (here) $(".vw-list").scrollTop = here.offsetTop - $(".vw-list").clientHeight / 3;
    };
    view.waiting = () => {
      const box = $(".vw-waiting");
      const n = vw.takes.waiting;
      box.hidden = !n;
      tell(".vw-waiting", n ? vw.t("recorder.waiting", { n, why: vw.takes.why || vw.t("recorder.why_waiting") }) : "");
    };
    view.meter = () => {
      const dbfs = Math.max(-60, 20 * Math.log10(Math.sqrt(mic.power) + 1e-9));
      const peak = Math.max(-60, 20 * Math.log10(mic.peak + 1e-9));
      $(".vw-level i").style.setProperty("--share", `${((dbfs + 60) / 60) * 100}%`);
      $(".vw-level b").style.left = `${((peak + 60) / 60) * 100}%`;
      if (performance.now() - read > READ_MS) {
        read = performance.now();
        $(".vw-meter").setAttribute("aria-valuenow", Math.round(dbfs));
        $(".vw-meter").setAttribute("aria-valuetext", `${Math.round(dbfs)} dBFS`);
      }
      $(".vw-dbfs").textContent = !mic.isOpen ? "" : mic.isRecording ? vw.t("recorder.seconds", { seconds: mic.seconds }) : `${Math.round(dbfs)} dBFS`;
      $(".vw-clip").classList.toggle("vw-on", mic.clipped || performance.now() - mic.lit < LAMP_MS);
      mic.peak *= 0.96;
    };
    return view;
  };
})();
