// Before the first take: two quiet seconds, three spoken ones, played back; the thresholds of hands-free come from them.
(() => {
  const vw = window.voicewright;
  const QUIET = 2, SPOKEN = 3.5; // seconds

  const stretch = async (mic, seconds) => {
    mic.start();
    await new Promise((done) => setTimeout(done, 1000 * seconds));
    if (!mic.isRecording) throw new Error(vw.t("mic.broken_off"));
    return mic.cut();
  };
  const joined = (first, second) => {
    const samples = new Float32Array(first.samples.length + second.samples.length);
    samples.set(first.samples);
    samples.set(second.samples, first.samples.length);
    return { samples, rate: first.rate };
  };

  // Resolves to {wav, rows}: the voice to hear back, and what was found as rows for the page.
  vw.checkMicrophone = async (mic, say) => {
    say(vw.t("mic.quiet"));
    const quiet = await stretch(mic, QUIET);
    say(vw.t("mic.voice"));
    const spoken = await stretch(mic, SPOKEN);
    mic.measured(vw.roomOf(quiet.powers, spoken.powers));
    const query = new URLSearchParams({ quiet: quiet.samples.length / quiet.rate });
    ["echoCancellation", "noiseSuppression", "autoGainControl"].forEach((name) => { if (mic.processing[name] === true) query.append("processing", name); });
    const answer = await fetch(`${vw.base}record/check?${query}`, { method: "POST", body: vw.wav(joined(quiet, spoken)), headers: { "Content-Type": "audio/wav" } });
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(found.error || vw.t("mic.no_answer"));
    const faults = found.findings.map((f) => ({ text: f.sentence, kind: f.level === "refuse" ? "bad" : f.level }));
    return { wav: vw.wav(spoken), rows: [{ text: `${found.sentence}${faults.length ? "" : ` ${vw.t("mic.good")}`}`, kind: faults.length ? "info" : "ok" }, ...faults] };
  };
})();
