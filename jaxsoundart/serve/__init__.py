"""The HTTP server: songs come in, jobs wait their turn, covers go out.

`app` joins the parts. A song is received (`uploads`), decoded in a process of its own
(`decoding`, `decoder`) and becomes a `job` in the `store`; the `workshop`, one thread,
hears and paints; the `board` tells whoever listens; `routes` is the interface. Needs
the extra `serve`.
"""
