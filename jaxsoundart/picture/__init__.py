"""The last room: pictures as files, each remembering how it came to be."""
