// Several takes of a prompt, side by side: which one is in use, and one press for another.
(() => {
  const vw = window.voicewright;

  // Draws into `box` the takes of the prompt that `target()` names; `onused(prompt)` once another was chosen.
  vw.bestTake = (box, s, target, say, onused) => {
    let shown = "";
    const use = async (prompt, take) => {
      if (vw.isBusy()) return;
      const query = new URLSearchParams({ project: s.project, who: vw.who() });
      const answer = await fetch(`${vw.base}record/use/${take.clip}?${query}`, { method: "POST" }).catch(() => null);
      if (!answer || !answer.ok) return say(answer ? (await answer.json()).error : vw.t("recorder.no_answer"), "bad");
      Object.assign(prompt, { take: take.clip, again: take.again, url: "" });
      onused(prompt);
    };
    const buttonOf = (prompt, take, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "vw-small";
      button.textContent = `${i + 1} · ${vw.t("recorder.seconds", { seconds: take.seconds })}${take.used ? ` ★ ${vw.t("best.used")}` : ""}`;
      button.title = take.again || vw.t("best.use");
      button.setAttribute("aria-label", vw.t("best.take", { place: i + 1, seconds: take.seconds }));
      button.setAttribute("aria-pressed", String(take.used));
      button.onclick = () => use(prompt, take);
      return button;
    };
    const show = (prompt, takes) => {
      const head = document.createElement("span");
      head.textContent = vw.t("best.head", { place: s.prompts.indexOf(prompt) + 1 });
      box.replaceChildren(head, ...takes.map((take, i) => buttonOf(prompt, take, i)));
      box.hidden = false;
    };
    return () => {
      const prompt = target();
      const key = prompt && prompt.take && prompt.n > 1 ? `${prompt.take} ${prompt.n}` : "";
      if (key === shown) return;
      shown = key;
      box.hidden = true;
      if (!key) return;
      fetch(`${vw.base}record/takes/${prompt.take}`).then((answer) => (answer.ok ? answer.json() : Promise.reject()))
        .then((takes) => { if (key === shown) show(prompt, takes); }, () => { shown = ""; });
    };
  };
})();
