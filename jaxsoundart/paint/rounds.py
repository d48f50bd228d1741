"""Which orders are painted together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jaxsoundart.paint.model import StableDiffusion
from jaxsoundart.paint.order import Order


@dataclass(frozen=True)
class Round:
    """Orders that share programs, no more than there is room for at once.

    Attributes:
        numbers: Which of all orders they are.
        chunks: Of their longest text; that of each is equally long.
    """

    numbers: tuple[int, ...]
    chunks: int


def texts(model: StableDiffusion, order: Order) -> list[str]:
    """Returns what is read for an order: negative prompt and prompt, or this alone."""
    if model.is_guided(order.guidance):
        return [order.negative_prompt, order.prompt]
    return [order.prompt]


def rounds(
    model: StableDiffusion,
    orders: Sequence[Order],
    capacity: int,
    *,
    long_prompts: bool,
) -> Iterator[Round]:
    """Yields all orders, those that take the same programs together.

    Texts of a round are equally long in chunks by their own length, not by that of
    others: so a picture does not depend on what it is painted beside.

    Args:
        model: What paints.
        orders: With the painter's own guidance where none was chosen.
        capacity: The most orders of a round.
        long_prompts: Whether texts may take more than one chunk.

    Raises:
        ArgumentError: A text is too long where long ones are refused, or its weights
            are out of range.
    """
    most = None if long_prompts else 1
    groups: dict[tuple[int, int], list[int]] = {}
    for number, order in enumerate(orders):
        read = texts(model, order)
        chunks = max(
            len(reader.tokenizer.chunks(text, most=most).ids)
            for reader in model.readers
            for text in read
        )
        groups.setdefault((len(read), chunks), []).append(number)
    for (_, chunks), numbers in groups.items():
        for first in range(0, len(numbers), capacity):
            yield Round(tuple(numbers[first : first + capacity]), chunks)
