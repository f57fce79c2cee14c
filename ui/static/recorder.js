// The Record tab: what is drawn, and what each key does. The microphone is microphone.js, the way to the disk takes.js.
(() => {
  const vw = window.voicewright;
  const EMPTY = "Open a project on the Project tab, then its prompts appear here.";
  const NO_PROMPTS = "This project has no prompts yet. Add some on the Project tab, or import recordings below.";
  const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_ -]*(\.[\p{L}\p{N}_ -]+)*$/u; // as core.files.safe_name
  const BAD_NAME = "The speaker's name has a sign that no name may have: use letters, digits, spaces, - or _.";
  const ALL_DONE = "Every prompt is recorded. Go on to Review; any prompt can still be said again.";

  vw.recordTab = (element) => {
    const root = element.querySelector(".vw-recorder");
    if (!root || root.dataset.ready) return;
    root.dataset.ready = "yes";
    const $ = (name) => root.querySelector(name);
    const button = (name) => root.querySelector(`[data-do=${name}]`);
    const mic = new vw.Microphone();
    const s = { project: "", prompts: [], at: 0, done: 0, minutes: 0, last: null, asked: null, busy: false, phase: "off" };
    vw.isBusy = () => s.busy || s.phase === "recording";
    const player = $("audio");

    // --- drawing
    const phase = (name) => {
      s.phase = root.dataset.phase = name;
      $(".vw-big span").textContent = { off: "Turn the microphone on", opening: "Opening …", ready: "Record", recording: "Stop", saving: "Saving …", testing: "Listening …" }[name];
      $(".vw-big").setAttribute("aria-pressed", String(name === "recording"));
    };
    const say = (sentences, kind = "info") => {
      const rows = [].concat(sentences).filter(Boolean);
      $(".vw-said").replaceChildren(...rows.map((row) => {
        const p = document.createElement("p");
        p.className = `vw-note vw-${row.kind || kind}`;
        p.textContent = row.text || row;
        return p;
      }));
    };
    const current = () => s.prompts[s.at];
    const target = () => [s.prompts[s.last === null ? s.at : s.last]].find((prompt) => prompt && (prompt.take || prompt.url));
    const draw = () => {
      const prompt = current();
      $(".vw-prompt").textContent = prompt ? prompt.text : s.project ? NO_PROMPTS : EMPTY;
      $(".vw-prompt").classList.toggle("vw-none", !prompt);
      $(".vw-place").textContent = prompt ? `Prompt ${s.at + 1}` : "";
      $(".vw-group").textContent = prompt ? prompt.group : "";
      $(".vw-has").textContent = !prompt ? "" : prompt.waiting ? "waits in this browser" : prompt.take ? "recorded" : "";
      $(".vw-count").textContent = s.prompts.length ? `${s.done} of ${s.prompts.length}, ${s.minutes.toFixed(1)} min` : "";
      $(".vw-progress .vw-bar i").style.width = `${s.prompts.length ? (100 * s.done) / s.prompts.length : 0}%`;
      button("play").disabled = button("retake").disabled = !target();
      button("play").textContent = s.last !== null && s.last !== s.at ? `▶ Play ${s.last + 1}` : "▶ Play";
      button("retake").textContent = s.last !== null && s.last !== s.at ? `↺ Say ${s.last + 1} again` : "↺ Say it again";
      button("previous").disabled = s.at <= 0;
      button("next").disabled = s.at >= s.prompts.length - 1;
      $(".vw-big").disabled = !s.project;
      drawList();
      drawWaiting();
    };
    const drawList = () => { // a window of the list: a script may have 10,000 lines
      const first = Math.max(0, Math.min(s.at - 6, s.prompts.length - 40));
      const rows = s.prompts.slice(first, first + 40).map((prompt, i) => {
        const row = document.createElement("li");
        const link = document.createElement("button");
        link.type = "button";
        link.textContent = prompt.text;
        link.title = prompt.text;
        link.className = prompt.waiting ? "vw-held" : prompt.take ? "vw-done" : "";
        if (first + i === s.at) link.setAttribute("aria-current", "true");
        link.onclick = () => go(first + i);
        row.value = first + i + 1;
        row.append(link);
        return row;
      });
      $(".vw-list ol").replaceChildren(...rows);
      const here = $(".vw-list [aria-current]");
      if (here) $(".vw-list").scrollTop = here.offsetTop - $(".vw-list").clientHeight / 3;
    };
    const drawWaiting = () => {
      const box = $(".vw-waiting");
      const n = vw.takes.waiting;
      box.hidden = !n;
      box.textContent = n ? `${n} ${n === 1 ? "take waits" : "takes wait"} in this browser: ${vw.takes.why || "the server does not answer"}. Tried again by itself until saved; go on recording.` : "";
    };
    const meter = () => {
      if (!root.isConnected) return mic.close();
      const dbfs = Math.max(-60, 20 * Math.log10(Math.sqrt(mic.power) + 1e-9));
      const peak = Math.max(-60, 20 * Math.log10(mic.peak + 1e-9));
      $(".vw-level i").style.setProperty("--share", `${((dbfs + 60) / 60) * 100}%`);
      $(".vw-level b").style.left = `${((peak + 60) / 60) * 100}%`;
      $(".vw-meter").setAttribute("aria-valuenow", Math.round(dbfs));
      $(".vw-dbfs").textContent = !mic.isOpen ? "" : mic.isRecording ? `${mic.seconds.toFixed(1)} s` : `${Math.round(dbfs)} dBFS`;
      $(".vw-clip").classList.toggle("vw-on", mic.clipped);
      mic.peak *= 0.96;
      if (!element.offsetParent && mic.isOpen) leave();
      requestAnimationFrame(meter);
    };

    // --- prompts
    const load = async () => {
      if (!s.project) { s.prompts = []; return draw(); }
      const query = new URLSearchParams({ project: s.project, speaker: speaker() });
      const answer = await fetch(`record/queue?${query}`);
      const found = await answer.json();
      if (query.get("project") !== s.project || vw.isBusy()) return; // it came too late
      if (!answer.ok) { s.prompts = []; draw(); return say(found.error, "bad"); }
      s.prompts = found.prompts.map(([id, text, group, take]) => ({ id, text, group, take }));
      s.done = found.done;
      s.minutes = found.minutes;
      s.at = found.next === null ? Math.max(0, s.prompts.length - 1) : found.next;
      draw();
      if (found.next === null && s.prompts.length) say(ALL_DONE, "ok");
    };
    const open = (project) => {
      if (project === s.project) return;
      Object.assign(s, { project, at: 0, last: null, done: 0, minutes: 0 });
      $(".vw-speaker").value = vw.remembered(`speaker:${project}`) || "";
      warn();
      load().catch(() => say("The server does not answer. Reload the page once it runs again.", "bad"));
    };
    const warn = () => say(window.isSecureContext ? [] : vw.insecure(), "bad");
    const go = (index) => {
      if (s.busy || s.phase === "recording" || index < 0 || index >= s.prompts.length) return;
      player.pause();
      s.at = index;
      s.last = null;
      warn();
      draw();
    };
    const onward = () => {
      const left = s.prompts.findIndex((prompt, i) => i > s.at && !prompt.take && !prompt.waiting);
      const any = left < 0 ? s.prompts.findIndex((prompt) => !prompt.take && !prompt.waiting) : left;
      if (any >= 0) s.at = any;
      return any >= 0;
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
        say(error.name === "Insecure" ? error.message : vw.microphoneSentence(error), "bad");
        return false;
      }
    };
    const listDevices = async () => {
      const found = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "audioinput");
      const chosen = $(".vw-devices").value;
      const choices = [["", "the system's choice"], ...found.filter((d) => d.deviceId && d.deviceId !== "default").map((d, i) => [d.deviceId, d.label || `microphone ${i + 1}`])];
      $(".vw-devices").replaceChildren(...choices.map(([value, label]) => new Option(label, value, false, value === chosen)));
    };
    const begin = () => {
      if (!NAME.test(speaker())) return say(BAD_NAME, "bad");
      player.pause();
      s.asked = current(); // the take belongs to what was asked, wherever the page goes meanwhile
      mic.start();
      say([]);
      phase("recording");
    };
    const finish = async (sound) => {
      const prompt = s.asked;
      const pressed = performance.now();
      s.busy = true;
      phase("saving");
      try {
        const wav = vw.wav(sound || (await mic.stop()));
        const said = await vw.takes.save({ project: s.project, prompt: prompt ? prompt.id : 0, speaker: speaker(), wav });
        saved(prompt, said, wav);
      } catch (error) {
        say(`Not saved: ${error.message}`, "bad");
      } finally {
        s.busy = false;
        phase(mic.isOpen ? "ready" : "off");
        draw();
        root.dataset.readyMs = (performance.now() - pressed).toFixed(0);
      }
    };
    const saved = (prompt, said, wav) => {
      const place = s.prompts.indexOf(prompt);
      s.last = place < 0 ? null : place;
      if (prompt) {
        if (!prompt.take && !prompt.waiting) s.done += 1;
        if (prompt.url) URL.revokeObjectURL(prompt.url);
        Object.assign(prompt, { take: said.clip, waiting: said.waiting, url: said.waiting ? playable(wav) : "" });
      }
      if (said.waiting) say({ text: "Kept in this browser; it is saved as soon as the server answers.", kind: "warn" });
      else {
        s.minutes += said.seconds / 60;
        const heard = said.findings.map((f) => ({ text: f.sentence, kind: f.level === "refuse" ? "bad" : f.level }));
        const what = prompt ? `Prompt ${place + 1} is saved` : "Saved without a prompt";
        const head = said.usable ? `${what}, ${said.seconds.toFixed(1)} s.` : `${what}, but say it again:`;
        say([{ text: head, kind: said.usable ? "ok" : "bad" }, ...heard]);
        root.dataset.saved = String(Number(root.dataset.saved || 0) + 1);
      }
      const goOn = $(".vw-auto").checked && (said.waiting || said.usable);
      if (goOn && !onward()) $(".vw-said").append(Object.assign(document.createElement("p"), { className: "vw-note vw-ok", textContent: ALL_DONE }));
    };
    const leave = async () => { // another tab of the page is open: what was said is saved, then the microphone goes off
      if (s.busy || s.phase === "opening") return;
      if (s.phase === "recording") return void (await finish());
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
        say(onward() ? [] : [{ text: ALL_DONE, kind: "ok" }]);
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
      cancel: () => { if (s.phase === "recording") { mic.drop(); phase("ready"); say("Thrown away; nothing was saved."); } },
      play: () => {
        const prompt = target();
        if (!prompt || s.phase === "recording") return;
        if (!player.paused) return player.pause();
        player.src = prompt.url || `audio/${prompt.take}`;
        player.play().catch(() => say("This take cannot be played; record it again.", "bad"));
      },
      test: async () => {
        if (s.busy || s.phase === "recording" || s.phase === "testing") return;
        if (!mic.isOpen && !(await switchOn())) return;
        phase("testing");
        say("Say something: it is played back in three seconds, and not saved.");
        mic.start();
        await new Promise((done) => setTimeout(done, 3000));
        if (!mic.isRecording) return;
        const clipped = mic.clipped;
        const sound = await mic.stop();
        phase("ready");
        say(tested(sound.samples, clipped));
        player.src = playable(vw.wav(sound));
        player.play().catch(() => {});
      },
    };
    const playable = (wav) => URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
    const tested = (samples, clipped) => {
      const powers = [];
      for (let i = 0; i + 1024 <= samples.length; i += 1024) {
        let power = 0;
        for (let k = i; k < i + 1024; k++) power += samples[k] * samples[k];
        powers.push(10 * Math.log10(power / 1024 + 1e-12));
      }
      powers.sort((a, b) => a - b);
      const loud = powers[Math.floor(powers.length * 0.9)], room = powers[Math.floor(powers.length * 0.1)];
      const level = `Speech ${loud.toFixed(0)} dBFS, room ${Math.max(room, -99).toFixed(0)} dBFS`;
      if (clipped) return { text: `${level}: too loud, it clips. Move back or turn the microphone down.`, kind: "bad" };
      if (loud < -75) return { text: `${level}: next to nothing was heard. Choose another microphone, or unmute this one.`, kind: "bad" };
      if (loud < -40) return { text: `${level}: quiet. Move closer or turn the microphone up.`, kind: "warn" };
      if (loud - room < 15) return { text: `${level}: the room is loud beside the voice. Close the window, switch off the fan, or move closer.`, kind: "warn" };
      return { text: `${level}: good.`, kind: "ok" };
    };

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
      if (!NAME.test(speaker())) return say(BAD_NAME, "bad");
      vw.remember(`speaker:${s.project}`, $(".vw-speaker").value.trim());
      s.last = null;
      warn();
      load().catch(() => {}); // each speaker has a queue of their own
    };
    mic.onlost = async () => {
      if (s.phase === "recording") await finish();
      mic.close();
      phase("off");
      say("The microphone was unplugged; what had been said is saved. Plug it in and turn it on again.", "warn");
    };
    addEventListener("pagehide", () => {
      if (s.phase !== "recording") return;
      phase("ready");
      vw.takes.keep({ project: s.project, prompt: s.asked ? s.asked.id : 0, speaker: speaker(), wav: vw.wav(mic.cut()) });
    });
    addEventListener("beforeunload", (event) => { if (s.phase === "recording") event.preventDefault(); });
    vw.takes.onchange = drawWaiting;
    vw.takes.onsaved = (ids) => {
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
    vw.onProject(open);
    vw.takes.resume();
    requestAnimationFrame(meter);
  };
})();
