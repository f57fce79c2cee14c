// Runs on the audio thread: hands on every sample of the microphone, in order, and drops none.
// The second input is the same sound with the band of speech only; of it the mean power of each block is told.
class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(1024);
    this.filled = 0;
    this.power = 0;
  }
  process([input, band]) {
    const samples = input[0];
    if (!samples) return true;
    const filtered = (band && band[0]) || samples;
    for (let i = 0; i < samples.length; i++) {
      this.block[this.filled++] = samples[i];
      this.power += filtered[i] * filtered[i];
      if (this.filled === this.block.length) {
        this.port.postMessage({ block: this.block, power: this.power / this.filled });
        this.filled = this.power = 0;
      }
    }
    return true;
  }
}
registerProcessor("voicewright-tap", Tap);
