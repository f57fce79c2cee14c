// The microphone as PCM: browser processing off, the context's own rate, a moment before start and after stop kept.
(() => {
  const vw = window.voicewright;
  const PRE_ROLL = 0.25; // seconds kept from before the key: nobody waits for the lamp
  const HEARD_AFTER = 0.25; // seconds that pass until speech is known to be speech
  const KEPT = 5; // seconds of a sentence that began while the take before it was being saved
  const PATIENCE = 0.1; // seconds that sound may wait for the processor: by default a busy machine drops samples
  const TAIL = 0.12; // seconds still taken in after the key, so that the last sound is whole
  const DIGITAL_SILENCE = 1e-12; // power of blocks from before the microphone gave its first sound: no room is so quiet
  const LAMP = 0.99;
  const FULL = 0.9995, CLIPPED_RUN = 3; // as core.audio.levels: a flattened top, not a peak
  const BLOCK = 1024; // samples, as in recorder-worklet.js
  const EDGE = 2; // blocks: speech within them is cut off

  const NAMED = ["NotAllowedError", "SecurityError", "NotFoundError", "NotReadableError", "OverconstrainedError", "AbortError", "InvalidStateError", "TypeError"];
  // Over http from elsewhere: why, and the two ways out. The link with localhost holds the token, which no script may read.
  vw.insecure = () => {
    const { host, hostname, port } = location;
    return [
      { text: vw.t("mic.insecure", { host }), kind: "bad" },
      { text: vw.t("mic.insecure_https"), kind: "info" },
      { text: vw.t("mic.insecure_ssh", { line: `ssh -L ${port}:${hostname}:${port} ${hostname.replace(/[[\]]/g, "")}` }), kind: "info" },
    ];
  };
  vw.microphoneSentence = (error) =>
    NAMED.includes(error.name) ? vw.t(`mic.${error.name}`) : vw.t("mic.unknown", { name: error.name || "?", why: error.message || error });

  class Microphone {
    constructor() {
      this.onlost = () => {};
      this.onbegin = () => {}; // somebody began to speak
      this.onend = () => {}; // and stopped
      this.room = null; // {floor, spread, voice} in dB, once it was measured
      this.reset();
    }
    reset() {
      this.ring = [];
      this.taken = null;
      this.begun = 0; // seconds since somebody began to speak outside a take, 0 while nobody does
      this.peak = 0;
      this.power = 0;
      this.clipped = false;
      this.run = 0;
      this.lit = -Infinity;
    }
    get isOpen() { return Boolean(this.stream); }
    get isRecording() { return this.taken !== null; }

    async open(deviceId) {
      if (!window.isSecureContext) throw Object.assign(new Error("no secure context"), { name: "Insecure" });
      this.close();
      const wanted = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
      if (deviceId) wanted.deviceId = { exact: deviceId };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
      try {
        await this.connect(stream);
      } catch (error) {
        stream.getTracks().forEach((track) => track.stop());
        throw error;
      }
      const track = stream.getAudioTracks()[0];
      track.onended = () => { if (this.stream === stream) this.onlost(); };
      this.stream = stream;
      this.processing = track.getSettings();
      if (navigator.wakeLock) navigator.wakeLock.request("screen").then((lock) => { this.awake = lock; }, () => {});
    }

    async connect(stream) {
      const rate = stream.getAudioTracks()[0].getSettings().sampleRate;
      // the device's own rate where the browser tells it: nothing is resampled then
      this.context = new AudioContext({ latencyHint: PATIENCE, ...(rate ? { sampleRate: rate } : {}) });
      const code = URL.createObjectURL(new Blob([vw.worklet], { type: "text/javascript" }));
      await this.context.audioWorklet.addModule(code);
      URL.revokeObjectURL(code);
      this.tap = vw.tapOn(this.context, this.context.createMediaStreamSource(stream));
      this.tap.port.onmessage = (event) => this.heard(event.data);
      if (this.context.state === "suspended") await this.context.resume();
    }

    heard(told) {
      const { block } = told;
      let peak = 0, power = 0;
      for (const x of block) {
        const a = Math.abs(x);
        if (a > peak) peak = a;
        power += x * x;
        this.run = a >= FULL ? this.run + 1 : 0;
        if (this.run >= CLIPPED_RUN) this.clipped = true;
      }
      this.peak = Math.max(peak, this.peak);
      this.power = power / block.length;
      if (peak >= LAMP) this.lit = performance.now();
      if (this.taken) {
        this.taken.push(told);
        this.n += block.length;
        if (this.ending && this.n >= this.ending.n) this.ending.done();
      } else {
        this.ring.push(told);
        const wanted = PRE_ROLL + HEARD_AFTER + Math.min(KEPT, this.begun);
        while (this.ring.length * BLOCK > wanted * this.context.sampleRate) this.ring.shift();
      }
      this.listen(told.power);
    }

    // Without a check of the room, its quietest moments so far stand for it.
    listen(power) {
      if (!this.endpoint) {
        const heard = this.ring.map((told) => told.power).filter((one) => one > DIGITAL_SILENCE).sort((a, b) => a - b);
        if (!this.room && heard.length * BLOCK < PRE_ROLL * this.context.sampleRate) return;
        const quiet = heard[Math.floor(heard.length / 5)];
        this.endpoint = new vw.Endpoint(this.room || { floor: vw.decibels(quiet) }, BLOCK / this.context.sampleRate);
      }
      const what = this.endpoint.hear(power);
      if (what === "end" || this.taken) this.begun = 0;
      else if (what === "begin" || this.begun) this.begun += BLOCK / this.context.sampleRate;
      if (what === "begin") this.onbegin();
      if (what === "end") this.onend();
    }

    // What the check of the microphone found; the thresholds come from it from now on.
    measured(room) {
      this.room = room;
      this.endpoint = null;
    }

    // Whether somebody speaks whose first sound is still here.
    get hasBegun() { return this.begun > 0 && this.begun < KEPT; }

    // `byVoice`: speech began a moment ago, so more of what came before is taken.
    start(byVoice = false) {
      const wanted = PRE_ROLL + (byVoice ? HEARD_AFTER + this.begun : 0);
      this.taken = this.ring.slice(-Math.ceil((wanted * this.context.sampleRate) / BLOCK));
      this.ring = [];
      this.n = this.taken.length * BLOCK;
      this.clipped = false;
      this.ending = null;
    }

    // Why the take that is being recorded cannot be used: "clipped", "cut_start", "cut_end" or "".
    get fault() {
      if (this.clipped) return "clipped";
      if (!this.endpoint || !this.taken || this.taken.length < 4 * EDGE) return "";
      const loud = (told) => told.every(({ power }) => vw.decibels(power) > this.endpoint.threshold + 3);
      if (loud(this.taken.slice(0, EDGE))) return "cut_start";
      return loud(this.taken.slice(-EDGE)) ? "cut_end" : "";
    }

    get seconds() { return this.taken ? this.n / this.context.sampleRate : 0; }

    // The samples and their rate (and what is wrong with them), once the tail is in; one that went away ends at once.
    // After a voice that was quiet for so long already there is no last sound to wait for.
    async stop() {
      const rate = this.context.sampleRate;
      const tail = TAIL + (this.context.baseLatency || 0); // what was said by now is still on its way
      const isOver = this.endpoint && this.endpoint.quiet >= tail;
      if (!isOver && this.stream && this.stream.active) {
        await new Promise((done) => {
          this.ending = { n: this.n + tail * rate, done };
          setTimeout(done, tail * 1000 + 250);
        });
      }
      return this.cut(rate);
    }

    // What there is by now, without waiting: for a page that goes away.
    cut(rate = this.context.sampleRate) {
      const samples = new Float32Array(this.n);
      const powers = this.taken.map((told) => told.power);
      const { fault } = this;
      let at = 0;
      for (const { block } of this.taken) { samples.set(block, at); at += block.length; }
      this.taken = null;
      this.ending = null;
      return { samples, rate, powers, fault };
    }

    drop() { this.taken = null; this.ending = null; }

    close() {
      if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
      if (this.tap) this.tap.port.onmessage = null;
      if (this.context) this.context.close();
      if (this.awake) this.awake.release();
      this.stream = this.context = this.tap = this.awake = this.endpoint = null;
      this.reset();
    }
  }
  vw.Microphone = Microphone;

  // Sound as it is on the first input, the band of speech on the second.
  vw.tapOn = (context, source) => {
    const tap = new AudioWorkletNode(context, "voicewright-tap", {
      numberOfInputs: 2, numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit", channelInterpretation: "speakers" });
    source.connect(tap, 0, 0);
    vw.speechBand(context, source).connect(tap, 0, 1);
    return tap;
  };

  // 16-bit mono WAV; samples outside -1..1 are clipped, as every recorder does.
  vw.wav = ({ samples, rate }) => {
    const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
    const text = (at, word) => { for (let i = 0; i < word.length; i++) bytes.setUint8(at + i, word.charCodeAt(i)); };
    text(0, "RIFF"); bytes.setUint32(4, 36 + 2 * samples.length, true); text(8, "WAVEfmt ");
    bytes.setUint32(16, 16, true); bytes.setUint16(20, 1, true); bytes.setUint16(22, 1, true);
    bytes.setUint32(24, rate, true); bytes.setUint32(28, 2 * rate, true); bytes.setUint16(32, 2, true); bytes.setUint16(34, 16, true);
    text(36, "data"); bytes.setUint32(40, 2 * samples.length, true);
    for (let i = 0; i < samples.length; i++) {
      bytes.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(samples[i] * 32768))), true);
    }
    return bytes.buffer;
  };
})();
