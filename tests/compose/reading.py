"""Reads a brief back: its phrases, and which fills a slot."""

from jaxsoundart.compose.lexicon import load


def phrases(text):
    return text.split(", ") if text else []


def slot(brief, slot):
    """The plain phrase that stands for a slot of a brief, or None."""
    entries = load().entries
    for phrase in phrases(brief.prompt):
        if phrase in entries and entries[phrase].slot == slot:
            return entries[phrase].plain
    return None
