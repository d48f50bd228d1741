"""A form with one file in it.

Source: RFC 7578.
"""

import secrets


def form(name: str, file_name: str, content: bytes, kind: str) -> tuple[bytes, str]:
    """Returns the body of a form, and its content type.

    Args:
        name: Of the field.
        file_name: Of the file.
        content: Of the file.
        kind: Its media type.
    """
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
