"""Sound at another sample rate."""

import soxr

from jaxsoundart.sound.waveform import Waveform


def resample(waveform: Waveform, sample_rate_hz: int) -> Waveform:
    """Returns the same sound at another sample rate; as it is where that is its own."""
    if waveform.sample_rate_hz == sample_rate_hz:
        return waveform
    samples = soxr.resample(waveform.samples, waveform.sample_rate_hz, sample_rate_hz)
    return Waveform(samples=samples, sample_rate_hz=sample_rate_hz)
