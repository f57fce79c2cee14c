// The Record tab: what each key and button does. It is drawn by recorder-view.js; the microphone is microphone.js,
// the way to the disk takes.js.
(() => {
  const vw = window.voicewright;
  const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_ -]*(\.[\p{L}\p{N}_ -]+)*$/u; // as core.files.safe_name
  const TRIES = 2; // takes in a row that are thrown out by themselves; the third is kept with its fault, so that nobody is stuck

  vw.recordTab = (element) => {
    const root = element.querySelector(".vw-recorder");
    if (!root || root.dataset.ready) return;
    root.dataset.ready = "yes";
    const $ = (name) => root.querySelector(name);
    const mic = new vw.Microphone();
    const s = { project: "", prompts: [], at: 0, done: 0, minutes: 0, last: null, asked: null, busy: false, phase: "off", handsFree: false, byVoice: false, thrown: 0, saves: 0 };
    const view = vw.recorderView(root, s, mic);
    const { phase, say, draw, target } = view;
    let pace = new vw.Pace();
    vw.isBusy = () => s.busy || s.phase === "recording";
    const player = $("audio");

    const current = () => s.prompts[s.at];
    const meter = () => {
      if (!root.isConnected) return mic.close();
      view.meter();
      if (!element.offsetParent && mic.isOpen) leave();
      requestAnimationFrame(meter);
    };

    // --- prompts
    const script = (prompts) => JSON.stringify(prompts.map(({ id, text, skipped, must }) => [id, text, skipped, must]));
    const load = async (seen = null) => { // `seen`: the script as it is shown; nothing changes while that is what it is
      if (!s.project) { s.prompts = []; return draw(); }
      const query = new URLSearchParams({ project: s.project, speaker: speaker() });
      const saves = s.saves;
      const answer = await fetch(`${vw.base}record/queue?${query}`);
      const found = await answer.json();
      if (query.get("project") !== s.project || vw.isBusy()) return; // it came too late
      if (s.saves !== saves) return load(seen); // a take was saved meanwhile, of which this answer may not know
      if (!answer.ok) { s.prompts = []; draw(); return say(found.error, "bad"); }
      const prompts = found.prompts.map(([id, text, group, take, n, skipped, again, must]) => ({ id, text, group, take, n, skipped, again, must }));
      if (script(prompts) === seen) return;
      for (const { id, url } of s.prompts.filter((one) => seen !== null && one.waiting)) {
        Object.assign(prompts.find((one) => one.id === id) || {}, { waiting: true, url });
      }
      s.prompts = prompts;
      s.last = null;
      s.done = found.done;
      s.minutes = found.minutes;
      s.at = found.next === null ? Math.max(0, s.prompts.length - 1) : found.next;
      if (found.next === null && s.prompts.length) finished();
      draw();
    };
    const open = (project) => {
      if (project === s.project) return;
      Object.assign(s, { project, at: 0, last: null, done: 0, minutes: 0, thrown: 0 });
      pace = new vw.Pace();
      $(".vw-speaker").value = vw.remembered(`speaker:${project}`) || "";
      warn();
      load().catch(() => say(vw.t("recorder.no_answer_reload"), "bad"));
    };
    const warn = () => say(window.isSecureContext ? [] : vw.insecure());
    const go = (index) => {
      if (s.busy || s.phase === "recording" || index < 0 || index >= s.prompts.length) return;
      player.pause();
      s.at = index;
      s.last = null;
      s.thrown = 0;
      warn();
      draw();
    };
    view.onchoose = go;
    view.ondraw = vw.bestTake($(".vw-takes"), s, target, say, (prompt) => {
      draw();
      player.src = `${vw.base}audio/${prompt.take}`;
      player.play().catch(() => {});
    });
    const nextOf = (isLeft) => {
      const left = s.prompts.findIndex((prompt, i) => i > s.at && isLeft(prompt));
      const any = left < 0 ? s.prompts.findIndex(isLeft) : left;
      if (any >= 0) s.at = any;
      return any >= 0;
    };
    const onward = () => nextOf((prompt) => prompt.must && vw.isLeft(prompt)) || nextOf(vw.isLeft); // musts first
    // At the end: what failed is offered once more, the first of it at once.
    const finished = () => {
      const n = s.prompts.filter((prompt) => prompt.again).length;
      if (!n || !nextOf((prompt) => prompt.again)) return say(vw.t("recorder.all_done"), "ok");
      say({ text: vw.t("recorder.done_but", { n, why: current().again }), kind: "warn" });
    };
    const speaker = () => $(".vw-speaker").value.trim() || "me";

    // --- recording
    const switchOn = async () => {
      phase("opening");
      try {
        await mic.open($(".vw-devices").value);
        phase("ready");
        say([]);
        listDevices();
        return true;
      } catch (error) {
        phase("off");
        say(error.name === "Insecure" ? vw.insecure() : vw.microphoneSentence(error), "bad");
        return false;
      }
    };
    const listDevices = async () => {
      const found = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "audioinput");
      const chosen = $(".vw-devices").value;
      const choices = [["", vw.t("recorder.system_choice")], ...found.filter((d) => d.deviceId && d.deviceId !== "default").map((d, i) => [d.deviceId, d.label || vw.t("recorder.microphone_number", { number: i + 1 })])];
      $(".vw-devices").replaceChildren(...choices.map(([value, label]) => new Option(label, value, false, value === chosen)));
    };
    const begin = (byVoice = false, why = []) => {
      if (!NAME.test(speaker())) return say(vw.t("recorder.bad_name"), "bad");
      player.pause();
      s.asked = current(); // the take belongs to what was asked, wherever the page goes meanwhile
      s.byVoice = byVoice;
      mic.start(byVoice);
      say(why);
      phase("recording");
    };
    // A take that clipped or was cut is begun again by itself, with a word why; true when it was thrown out.
    const thrownOut = (fault) => {
      if (!fault || s.thrown >= TRIES) return false;
      s.thrown += 1;
      phase("ready");
      const why = { text: vw.t(`recorder.thrown.${fault}`), kind: "bad" };
      if (s.byVoice || !mic.isOpen) say(why);
      else begin(false, why);
      return true;
    };
    const finish = async (keepsAll = false) => {
      const prompt = s.asked;
      const pressed = performance.now();
      s.busy = true;
      phase("saving");
      try {
        const heard = await mic.stop();
        if (!keepsAll && thrownOut(heard.fault)) return;
        const wav = vw.wav(heard);
        const said = await vw.takes.save({ project: s.project, prompt: prompt ? prompt.id : 0, speaker: speaker(), wav });
        s.thrown = 0;
        saved(prompt, said, wav);
      } catch (error) {
        say(vw.t("recorder.not_saved", { why: error.message }), "bad");
      } finally {
        s.busy = false;
        if (s.phase === "saving") phase(mic.isOpen ? "ready" : "off");
        draw();
        root.dataset.readyMs = (performance.now() - pressed).toFixed(0);
        if (mic.hasBegun) mic.onbegin(); // the next sentence was not waiting for the disk
      }
    };
    const saved = (prompt, said, wav) => {
      s.saves += 1;
      const place = s.prompts.indexOf(prompt);
      s.last = place < 0 ? null : place;
      if (prompt) {
        if (!prompt.take && !prompt.waiting) s.done += 1;
        if (prompt.url) URL.revokeObjectURL(prompt.url);
        const used = said.used === false ? {} : { take: said.clip, again: said.again || "" };
        Object.assign(prompt, { waiting: said.waiting, url: said.waiting ? playable(wav) : "", n: said.takes, skipped: "", ...used });
      }
      if (said.waiting) say({ text: vw.t("recorder.kept_here"), kind: "warn" });
      else {
        s.minutes += said.seconds / 60;
        const heard = said.findings.map((f) => ({ text: f.sentence, kind: f.level === "refuse" ? "bad" : f.level }));
        const what = `recorder.saved${prompt ? "" : "_alone"}${said.usable ? "" : "_but"}`;
        const head = vw.t(what, { place: place + 1, seconds: said.seconds });
        const words = prompt ? prompt.text.trim().split(/\s+/).length : 0;
        const timed = pace.took(words, said.spoken || said.seconds, Date.now()).map((text) => ({ text, kind: "info" }));
        const spare = said.used === false ? [{ text: vw.t("recorder.spare"), kind: "info" }] : [];
        say([{ text: head, kind: said.usable ? "ok" : "bad" }, ...heard, ...spare, ...timed]);
        if (prompt && said.usable && s.listen) vw.takes.listen(said.clip, (doubt) => doubted(prompt, said.clip, doubt));
        root.dataset.saved = String(Number(root.dataset.saved || 0) + 1);
      }
      const goOn = $(".vw-auto").checked && (said.waiting || said.usable);
      if (goOn && !onward()) finished();
    };
    const doubted = (prompt, clip, doubt) => {
      if (prompt.take !== clip) return; // said again meanwhile
      prompt.again = doubt;
      const box = root.querySelector(".vw-doubt");
      box.hidden = false;
      box.textContent = vw.t("recorder.doubted", { place: s.prompts.indexOf(prompt) + 1, doubt });
      draw();
    };
    const leave = async () => { // another tab of the page is open: what was said is saved, then the microphone goes off
      if (s.busy || s.phase === "opening") return;
      if (s.phase === "recording") return void (await finish(true));
      mic.close();
      phase("off");
    };

    // --- what the keys and buttons do
    const acts = {
      record: async () => {
        if (s.busy || !s.project || s.phase === "opening" || s.phase === "testing") return;
        if (s.phase === "recording") return finish();
        if (!mic.isOpen) return void (await switchOn());
        begin();
      },
      accept: async () => {
        if (s.phase === "recording") { await finish(); if ($(".vw-auto").checked) return; }
        if (s.busy || s.phase === "recording") return;
        player.pause();
        if (onward()) say([]);
        else finished();
        s.last = null;
        draw();
      },
      next: () => go(s.at + 1),
      previous: () => go(s.at - 1),
      retake: async () => {
        if (s.busy || !s.project || s.phase === "opening" || s.phase === "testing") return;
        if (s.phase === "recording") return begin(); // drop this try and begin anew
        if (s.last !== null) s.at = s.last;
        draw();
        if (mic.isOpen || (await switchOn())) begin();
      },
      cancel: () => { if (s.phase === "recording") { mic.drop(); phase("ready"); say(vw.t("recorder.thrown_away")); } },
      play: () => {
        const prompt = target();
        if (!prompt || s.phase === "recording") return;
        if (!player.paused) return player.pause();
        player.src = prompt.url || `${vw.base}audio/${prompt.take}`;
        player.play().catch(() => say(vw.t("recorder.not_playable"), "bad"));
      },
      test: async () => {
        if (s.busy || s.phase === "recording" || s.phase === "testing") return;
        if (!mic.isOpen && !(await switchOn())) return;
        phase("testing");
        try {
          const { wav, rows } = await vw.checkMicrophone(mic, say);
          say(rows);
          player.src = playable(wav);
          player.play().catch(() => {});
        } catch (error) {
          say(error.message, "bad");
        } finally {
          mic.drop();
          phase(mic.isOpen ? "ready" : "off");
        }
      },
      skip: async () => {
        const prompt = current();
        if (s.busy || s.phase === "recording" || !prompt || prompt.take) return;
        const reason = $(".vw-reason").value.trim() || vw.t("recorder.no_reason");
        const query = new URLSearchParams({ project: s.project, prompt: prompt.id, reason });
        const answer = await fetch(`${vw.base}record/skip?${query}`, { method: "POST" }).catch(() => null);
        if (!answer || !answer.ok) return say(answer ? (await answer.json()).error : vw.t("recorder.no_answer"), "bad");
        prompt.skipped = reason;
        $(".vw-reason").value = "";
        const place = s.at + 1;
        if (onward()) say(vw.t("recorder.skipped", { place, reason }));
        else finished();
        draw();
      },
    };
    const playable = (wav) => URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));

    root.querySelectorAll("[data-do]").forEach((found) => { found.onclick = () => acts[found.dataset.do](); });
    Object.entries(acts).forEach(([name, act]) => vw.onKey("Record", name, act));
    $(".vw-devices").onchange = async () => {
      const { value, selectedOptions } = $(".vw-devices");
      vw.remember("microphone", JSON.stringify([value, selectedOptions[0].text]));
      if (mic.isOpen && s.phase === "ready") await switchOn();
    };
    const [device, label] = JSON.parse(vw.remembered("microphone") || '["", ""]');
    if (device) $(".vw-devices").append(new Option(label, device, true, true));
    $(".vw-speaker").onchange = () => {
      if (!NAME.test(speaker())) return say(vw.t("recorder.bad_name"), "bad");
      vw.remember(`speaker:${s.project}`, $(".vw-speaker").value.trim());
      s.last = null;
      warn();
      load().catch(() => {}); // each speaker has a queue of their own
    };
    mic.onbegin = () => { if (s.handsFree && s.phase === "ready" && !s.busy && player.paused && current()) begin(true); };
    mic.onend = () => { if (s.handsFree && s.phase === "recording") finish(); };
    $(".vw-hands").checked = s.handsFree = vw.remembered("hands-free") === "yes";
    $(".vw-hands").onchange = () => {
      s.handsFree = $(".vw-hands").checked;
      vw.remember("hands-free", s.handsFree ? "yes" : "no");
      phase(s.phase);
      if (s.handsFree && !mic.room) say(vw.t("recorder.hands_first"));
    };
    $(".vw-listen").checked = s.listen = vw.remembered("listen") !== "no";
    $(".vw-listen").onchange = () => {
      s.listen = $(".vw-listen").checked;
      vw.remember("listen", s.listen ? "yes" : "no");
      if (!s.listen) $(".vw-doubt").hidden = true;
    };
    mic.onlost = async () => {
      if (s.phase === "recording") await finish(true);
      mic.close();
      phase("off");
      say(vw.t("recorder.unplugged"), "warn");
    };
    addEventListener("pagehide", () => {
      if (s.phase !== "recording") return;
      phase("ready");
      vw.takes.keep({ project: s.project, prompt: s.asked ? s.asked.id : 0, speaker: speaker(), wav: vw.wav(mic.cut()) });
    });
    addEventListener("beforeunload", (event) => { if (s.phase === "recording") event.preventDefault(); });
    vw.takes.onchange = view.waiting;
    vw.takes.onsaved = (ids) => {
      s.saves += 1;
      for (const prompt of s.prompts.filter((one) => ids.has(one.id))) {
        if (!prompt.take && !prompt.waiting) s.done += 1;
        Object.assign(prompt, { waiting: false, take: ids.get(prompt.id) });
      }
      if (!vw.isBusy() && s.last === null && current() && ids.has(current().id)) onward();
      draw();
    };
    if (navigator.mediaDevices) navigator.mediaDevices.addEventListener("devicechange", () => { if (mic.isOpen) listDevices(); });

    phase("off");
    warn();
    vw.onProject((project) => vw.whenOpen("Record", () => open(project)));
    // The script may have been changed on the Project tab meanwhile.
    new IntersectionObserver((seen) => {
      if (s.project && seen.some((one) => one.isIntersecting)) load(script(s.prompts)).catch(() => {});
    }).observe(root);
    vw.takes.resume();
    requestAnimationFrame(meter);
  };
})();
