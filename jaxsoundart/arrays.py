"""Every array that crosses a room's border, named once, with axes and units.

| name          | axes                        | unit and range                        |
|---------------|-----------------------------|---------------------------------------|
| `Samples`     | samples                     | mono sound pressure, nominal -1 to 1  |
| `Spectrogram` | … bins frames               | magnitude, or power where it says so  |
| `LogMel`      | … mels frames               | dB                                    |
| `Features`    | … features                  | see `listen.features.COLUMNS`         |
| `Logits`      | … labels                    | natural-log odds, before softmax      |
| `TokenIds`    | batch tokens                | index into the tokenizer's vocabulary |
| `TextStates`  | batch words text_width      | the text encoder's last states        |
| `Latents`     | batch height width channels | scaled, about unit variance           |
| `Pixels`      | batch height width 3        | sRGB, -1 (black) to 1 (white)         |
| `Image`       | height width 3              | sRGB, 0 to 255                        |
| `Images`      | batch height width 3        | sRGB, 0 to 255                        |
| `Mask`        | height width                | 0 (stays) to 255 (is painted anew)    |

`…` stands for any number of leading batch axes. NumPy arrays cross between rooms
(`Samples`, `Image`, `Images`, `Mask`); JAX arrays stay inside one and are annotated
there with these axis names.
"""

import numpy as np
from jaxtyping import Float32, UInt8

Samples = Float32[np.ndarray, " samples"]
Image = UInt8[np.ndarray, "height width 3"]
Images = UInt8[np.ndarray, "batch height width 3"]
Mask = UInt8[np.ndarray, "height width"]
