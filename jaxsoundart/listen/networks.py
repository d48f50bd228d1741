"""Which network a config is of."""

from jaxsoundart.listen.heads import Head
from jaxsoundart.listen.mel_network import MelConfig, MelNetwork
from jaxsoundart.listen.wave_network import WaveConfig, WaveNetwork

NetworkConfig = MelConfig | WaveConfig
Network = MelNetwork | WaveNetwork


def network(config: NetworkConfig, heads: tuple[Head, ...]) -> Network:
    """Returns the network of a config, with one output for each head."""
    if isinstance(config, MelConfig):
        return MelNetwork(config, heads)
    return WaveNetwork(config, heads)
