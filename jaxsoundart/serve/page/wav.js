/** Samples as a WAV file, 16 bit. */

const HEADER_BYTES = 44;

/** Returns a WAV file of an AudioBuffer. */
export function wav(sound, name) {
  const { numberOfChannels: channels, length, sampleRate } = sound;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + 2 * channels * length));
  header(view, channels, sampleRate);
  for (let channel = 0; channel < channels; channel += 1) {
    const samples = sound.getChannelData(channel);
    for (let n = 0; n < length; n += 1) {
      const clipped = Math.max(-1, Math.min(1, samples[n]));
      const place = HEADER_BYTES + 2 * (n * channels + channel);
      view.setInt16(place, Math.round(32767 * clipped), true);
    }
  }
  return new File([view.buffer], name, { type: "audio/wav" });
}

function header(view, channels, rate) {
  const size = view.byteLength;
  const text = (place, letters) =>
    [...letters].forEach((letter, n) => view.setUint8(place + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, size - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, size - HEADER_BYTES, true);
}
