"""Weighted and long prompts equal their restatement in PyTorch."""

import pytest

from benchmarks.parity import prompts

pytest.importorskip("torch")
pytest.importorskip("transformers")

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("case", prompts.cases(), ids=lambda case: case.name)
def test_states_of_prompts(case):
    assert case.error() < case.tolerance


def test_the_long_prompt_is_long():
    """Or the case would not compare what it says."""
    tokenizer = prompts.PromptTokenizer.load(prompts.WORDS, length=prompts.LENGTH)
    assert len(tokenizer.chunks(prompts.written(prompts.LONG)).ids) >= 3
