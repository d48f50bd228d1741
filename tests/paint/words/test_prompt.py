"""Weights in prompts: what is a mark, what is literal, what is refused."""

import logging

import pytest

from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.checkpoints.vocabulary import warn_of_unknown
from jaxsoundart.paint.words.prompt import Phrase, parse, without_weights


def said(text):
    return [(phrase.text, phrase.weight) for phrase in parse(text)]


@pytest.mark.parametrize(
    "text",
    [
        "desert dunes, dark",
        "Sunrise (Remix)",
        "at 12:30 (live)",
        "((nested) words)",
        "a (b",
        "a) b (",
        ")(",
        "(red:1.2.3)",
        "(red:loud)",
        "(red:1.3 sun)",
        "(red:nan)",
        "(red:inf)",
        "(red:)",
        "red:1.3",
        "red:1.3)",
        "(red:1.3",
        "(:3)",
        "( :1.3)",
        r"a\b",
        "\\",
        "夜 (の) 海",
    ],
)
def test_what_is_no_mark_is_literal(text):
    assert parse(text) == (Phrase(text, 1.0),)


def test_nothing_said_is_no_phrase():
    assert parse("") == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("(red:1.3)", [("red", 1.3)]),
        ("a (red sun:1.5) b", [("a ", 1.0), ("red sun", 1.5), (" b", 1.0)]),
        ("(red: 0.5 )", [("red", 0.5)]),
        ("(red:.5), (blue:2.)", [("red", 0.5), (", ", 1.0), ("blue", 2.0)]),
        ("(red:+2)", [("red", 2.0)]),
        ("(red:0)(blue:3)", [("red", 0.0), ("blue", 3.0)]),
        ("(12:30:1.5)", [("12:30", 1.5)]),
        ("(a (b:1.5) c:2)", [("a ", 2.0), ("b", 3.0), (" c", 2.0)]),
        ("((a:1:0.5))", [("(", 1.0), ("a:1", 0.5), (")", 1.0)]),
        ("((Remix):1.5)", [("(Remix)", 1.5)]),
        ("(a (Remix:1.5)", [("(a ", 1.0), ("Remix", 1.5)]),
        ("(Remix:1.5))", [("Remix", 1.5), (")", 1.0)]),
        (r"\(red:1.3\)", [("(red:1.3)", 1.0)]),
        (r"(a\(b\):1.5)", [("a(b)", 1.5)]),
        (r"(:\(:1.5)", [(":(", 1.5)]),
    ],
)
def test_marks_weigh_their_words(text, wanted):
    assert said(text) == wanted


def test_a_weight_of_one_is_no_border():
    """So that it changes no token: "sunset" stays one word."""
    assert said("sun(set:1)") == [("sunset", 1.0)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dark (red:3.1) sun", r"weight 3\.1 of '\(red:3\.1\)' is out of range"),
        ("(red:-1)", r"weight -1 of .* wanted 0 to 3"),
        ("(at 12:30)", r"weight 30 of .* where the parentheses are words"),
        ("((red:2):2)", r"weight 4 of '\(\(red:2\):2\)'"),
    ],
)
def test_weights_out_of_range_are_refused(text, told):
    with pytest.raises(ArgumentError, match=told):
        parse(text)


def test_depth_is_no_limit():
    text = "(" * 400 + "a" + ":1.001)" * 400
    ((words, weight),) = said(text)
    assert words == "a"
    assert weight == pytest.approx(1.001**400)
    assert parse("(" * 5000) == (Phrase("(" * 5000),)


def test_unknown_words_are_told_without_weights(caplog):
    text = "(dark sun:1.3), (12:30)" r" \(octopus:2\)"
    with pytest.raises(ArgumentError):
        without_weights(text)
    text = "(dark sun:1.3), (12:3), (moon octopus:0.25)"
    assert without_weights(text) == "dark sun, 12, moon octopus"
    with caplog.at_level(logging.WARNING):
        warn_of_unknown(text, frozenset({"dark", "sun", "moon", "12"}))
    assert "has not learnt the words: octopus;" in caplog.text
