"""The words a painter has learnt, told without loading its weights."""

import logging
import re
from pathlib import Path

from jaxsoundart.paint.checkpoints import checkpoint, folder
from jaxsoundart.paint.words.prompt import without_weights

# Words that carry no picture: whether they were learnt makes no difference.
_LINKING = re.compile(
    "an?|and|at|by|for|from|in|into|not?|of|on|or|over|the|through|to|under|with(out)?"
)

_log = logging.getLogger(__name__)


def known_words(painter: str | Path = "bundled") -> frozenset[str] | None:
    """Returns the words a small painter knows; None for one that knows the language.

    Reads no weights, and of a hub repository fetches the list of words only.

    Raises:
        ModelError: There is no such painter.
    """
    if painter != folder.BUNDLED and not Path(painter).is_dir():
        path = _words_on_hub(str(painter))
    else:
        place = folder.locate(painter)
        checkpoint.read_config(place, "model_index.json")
        path = place / "words.json"
    if path is None or not path.exists():
        return None
    return frozenset(checkpoint.read_words(path))


def _words_on_hub(painter: str) -> Path | None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    if "/" not in painter:
        folder.locate(painter)  # raises: the hub's names have an owner
    try:
        return Path(hf_hub_download(painter, "words.json"))
    except (OSError, ValueError, EntryNotFoundError) as error:
        missing = isinstance(error, EntryNotFoundError)
        if missing and not isinstance(error, LocalEntryNotFoundError):
            return None
        # No such name, or no network: what was fetched before may still be there, and
        # if not, `locate` knows what to say.
        return folder.locate(painter) / "words.json"


def warn_of_unknown(text: str, vocabulary: frozenset[str] | None) -> None:
    """Logs which words of `text` a painter of this vocabulary has not learnt.

    Raises:
        ArgumentError: A weight in the text is out of range.
    """
    if vocabulary is None:
        return
    said = dict.fromkeys(re.findall(r"[\w'’-]+", without_weights(text).lower()))
    learnt = vocabulary.union(filter(_LINKING.fullmatch, said))
    if unknown := [word for word in said if word not in learnt]:
        _log.warning(
            "this painter has not learnt the words: %s; they will hardly show",
            ", ".join(unknown),
        )
