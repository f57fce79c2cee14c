// What the scripts say: the texts of the page's language (ui/texts, handed over in window.voicewright, see ui/look.py).
(() => {
  const vw = window.voicewright;
  const isOne = (n) => (vw.language === "fr" ? Math.abs(n) < 2 : n === 1);
  const figure = (value, digits) => value.toLocaleString(vw.language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

  // `n` among the values chooses between the forms for one and for more; {x:.1f} and {x:,} are figures of the language.
  vw.t = (key, values = {}) => {
    const text = vw.texts[key] ?? vw.texts[`${key}.${isOne(values.n) ? "one" : "other"}`];
    return text.replace(/\{(\w+)(?::(,)?(?:\.(\d)f)?)?\}/g, (_, name, comma, digits) =>
      comma || digits ? figure(Number(values[name]), Number(digits || 0)) : String(values[name]));
  };

  document.documentElement.lang = vw.language;
  // Gradio's own words follow the browser; with another language chosen they would stay behind.
  if (!navigator.language.startsWith(vw.language)) Object.defineProperty(navigator, "language", { get: () => vw.language });
  // The choice is a cookie, because the server has to know it, too.
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-language]");
    if (!button || button.dataset.language === vw.language) return;
    document.cookie = `${vw.languageCookie}=${button.dataset.language}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  });
})();
