// The session in time: whether somebody reads faster or slower than they usually do, and when a rest is due.
(() => {
  const vw = window.voicewright;
  const ENOUGH = 20; // takes before a median says anything
  const FAST = 1.35, SLOW = 0.7; // times one's own median
  const REST_MS = 20 * 60000, BREAK_MS = 3 * 60000;

  class Pace {
    constructor() { this.rates = []; this.since = this.last = null; }

    // After a take of `words` words in `seconds` at `now` (ms): sentences for the person, mostly none.
    took(words, seconds, now) {
      if (this.last === null || now - this.last > BREAK_MS) this.since = now;
      this.last = now;
      const said = [];
      const rate = words / Math.max(0.3, seconds);
      if (words > 1 && this.rates.length >= ENOUGH) {
        const usual = [...this.rates].sort((a, b) => a - b)[Math.floor(this.rates.length / 2)];
        if (rate > FAST * usual) said.push(vw.t("pace.fast"));
        if (rate < SLOW * usual) said.push(vw.t("pace.slow"));
      }
      if (words > 1) this.rates.push(rate);
      if (now - this.since >= REST_MS) {
        this.since = now;
        said.push(vw.t("pace.rest"));
      }
      return said;
    }
  }
  vw.Pace = Pace;
})();
