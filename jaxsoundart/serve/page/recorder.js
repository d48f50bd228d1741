/** Records from the microphone. */

import { wav } from "./wav.js";

/** True where this browser lets this page record. */
export const canRecord = () =>
  Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

/**
 * Begins to record; `level` is told the loudness, 0 to 1, with every frame.
 *
 * Returns `stop()`, which gives a WAV file, and `drop()`, which forgets the recording.
 */
export async function record(level) {
  // The music itself, not what a telephone would make of it.
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(stream).connect(analyser);
  const recorder = new MediaRecorder(stream);
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.start();

  const samples = new Float32Array(analyser.fftSize);
  let frame = requestAnimationFrame(function look() {
    analyser.getFloatTimeDomainData(samples);
    level(Math.min(1, Math.max(...samples.map(Math.abs))));
    frame = requestAnimationFrame(look);
  });

  const end = () =>
    new Promise((resolve) => {
      cancelAnimationFrame(frame);
      recorder.onstop = resolve;
      recorder.stop();
      for (const track of stream.getTracks()) track.stop();
    });
  return {
    async stop(name) {
      await end();
      // Browsers record WebM or MP4; the server is to need no ffmpeg for it.
      const bytes = await new Blob(pieces).arrayBuffer();
      const sound = await context.decodeAudioData(bytes);
      await context.close();
      return wav(sound, name);
    },
    async drop() {
      await end();
      await context.close();
    },
  };
}
