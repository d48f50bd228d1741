"""What styles share: rhythms, who plays on what, and chords that go together."""

HELD = "x---------------"
HALVES = "x-------x-------"
QUARTERS = "x---x---x---x---"
EIGHTHS = "x-x-x-x-x-x-x-x-"
SIXTEENTHS = "xxxxxxxxxxxxxxxx"
OFFBEATS = "..x-..x-..x-..x-"
BACKBEATS = "....x-......x-.."
PUSHED = "x-.x-.x-..x-.x-."
CHARLESTON = "x--...x-........"
SPARSE = "x-----....x-...."
MELODIC = (
    "x--x--x-x---x-x-",
    "x-----x-x---....",
    "..x-x-x---x-x---",
    "x-x-x---x-------",
)

MACHINE = ("drum machine", "electronic kit")

SUB = ("synth bass", "sub bass")
SAW_BASS = ("synth bass", "saw bass")
WOBBLE = ("synth bass", "wobble bass")
FINGERED = ("bass", "fingered bass")
PICKED = ("bass", "picked bass")
UPRIGHT = ("bass", "upright bass")
PAD = ("synthesizer", "warm pad")
SUPERSAW = ("synthesizer", "supersaw")
PLUCK = ("synthesizer", "pluck")
SQUARE = ("synthesizer", "square lead")
SAW_LEAD = ("synthesizer", "saw lead")
BELL_PAD = ("synthesizer", "glass pad")
PIANO = ("piano", "grand piano")
RHODES = ("electric piano", "electric piano")
ORGAN = ("organ", "drawbar organ")
STRINGS = ("strings", "strings")
CHOIR = ("choir", "choir")
NYLON = ("acoustic guitar", "nylon guitar")
STEEL = ("acoustic guitar", "steel guitar")
CLEAN = ("electric guitar", "clean guitar")
DRIVEN = ("electric guitar", "overdriven guitar")
DISTORTED = ("electric guitar", "distorted guitar")
BRASS = ("brass", "brass section")
TRUMPET = ("trumpet", "trumpet")
SAX = ("saxophone", "tenor sax")
FLUTE = ("flute", "flute")
CLARINET = ("clarinet", "clarinet")
VIOLIN = ("violin", "violin")
CELLO = ("cello", "cello")
HARP = ("harp", "harp")
VIBES = ("mallets", "vibraphone")
MARIMBA = ("mallets", "marimba")
BANJO = ("banjo", "banjo")
ACCORDION = ("accordion", "accordion")
HARMONICA = ("harmonica", "harmonica")

DARK = (("I", "VI", "III", "VII"), ("I", "I", "VI", "VII"), ("I", "IV", "I", "V"))
LIGHT = (("I", "V", "VI", "IV"), ("VI", "IV", "I", "V"), ("I", "IV", "VI", "V"))
SOFT = (("I7", "IV7", "II7", "V7"), ("IV7", "III7", "VI7", "II7"), ("I9", "VI9"))
TWELVE = (
    (
        *("Idom", "Idom", "Idom", "Idom", "IVdom", "IVdom", "Idom", "Idom"),
        *("Vdom", "IVdom", "Idom", "Vdom"),
    ),
)
