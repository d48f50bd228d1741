"""The gallery: cover art drawn by us, with exact captions, to train a painter on."""
