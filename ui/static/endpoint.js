// When somebody begins and stops speaking: the level between 150 and 4000 Hz against the noise of this room.
(() => {
  const vw = window.voicewright;
  const SMOOTH = 4; // blocks that are averaged: about 85 ms
  const BEGIN = 0.06; // seconds above the threshold that are speech, not a click
  const HANG = 0.75; // seconds of quiet that end a take; pauses between digits are shorter
  const STEADY = 1.2; // seconds without ups and downs: a fan that was switched on, not a voice
  const STEADY_DB = 3;
  const BLIND_MARGIN = 5; // dB over the noise, while the voice is not known

  // How far above the noise speech begins: a third of the way to the voice, but more than the noise itself moves.
  vw.margin = (room) => {
    const third = room.voice === undefined ? BLIND_MARGIN : 0.35 * (room.voice - room.floor);
    return Math.max(2.5, (room.spread || 0) + 1.5, Math.min(12, third));
  };
  vw.decibels = (power) => Math.max(-120, 10 * Math.log10(power + 1e-12));

  // Feed the mean power of each block; answers "begin", "end" or "".
  class Endpoint {
    constructor(room, blockSeconds) {
      this.block = blockSeconds;
      this.floor = room.floor;
      this.margin = vw.margin(room);
      this.powers = [];
      this.levels = [];
      this.speaking = false;
      this.loud = this.quiet = 0;
    }

    get threshold() { return this.floor + this.margin; }

    hear(power) {
      this.powers.push(power);
      if (this.powers.length > SMOOTH) this.powers.shift();
      const level = vw.decibels(this.powers.reduce((sum, one) => sum + one, 0) / this.powers.length);
      this.follow(level);
      const isLoud = level > (this.speaking ? this.floor + 0.7 * this.margin : this.threshold);
      this.loud = isLoud ? this.loud + this.block : 0;
      this.quiet = isLoud ? 0 : this.quiet + this.block;
      if (!this.speaking && this.loud >= BEGIN) { this.speaking = true; return "begin"; }
      if (this.speaking && this.quiet >= HANG) { this.speaking = false; return "end"; }
      return "";
    }

    // The noise of the room moves: slowly down and up with the quiet, at once to anything that stays the same.
    follow(level) {
      this.levels.push(level);
      if (this.levels.length > STEADY / this.block) this.levels.shift();
      else return;
      if (Math.max(...this.levels) - Math.min(...this.levels) < STEADY_DB) this.floor = this.levels.reduce((a, b) => a + b, 0) / this.levels.length;
      else if (level < this.threshold) this.floor += 0.02 * (level - this.floor);
    }
  }
  vw.Endpoint = Endpoint;

  const smoothed = (powers) => powers.slice(SMOOTH - 1).map((_, i) =>
    vw.decibels(powers.slice(i, i + SMOOTH).reduce((sum, one) => sum + one, 0) / SMOOTH)).sort((a, b) => a - b);
  const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  // {floor, spread, voice} in dB of a quiet stretch and of one with speech, both as powers of blocks.
  vw.roomOf = (quiet, spoken) => {
    const room = smoothed(quiet);
    const floor = vw.decibels(quiet.reduce((sum, one) => sum + one, 0) / quiet.length);
    return { floor, spread: Math.max(0, share(room, 0.95) - floor), voice: share(smoothed(spoken), 0.8) };
  };

  // The chain of nodes that lets only the band of speech through.
  vw.speechBand = (context, source) => {
    const high = new BiquadFilterNode(context, { type: "highpass", frequency: 150 });
    const low = new BiquadFilterNode(context, { type: "lowpass", frequency: 4000 });
    source.connect(high);
    high.connect(low);
    return low;
  };
})();
