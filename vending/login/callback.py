"""Where an issuer sends a browser back to the command line.

Amazon Cognito sends it only to addresses that the app client names to the letter, port included, and takes plain http
for loopback alone (`CreateUserPoolClient`, CallbackURLs); so the ports are fixed, and few. They lie below the range
from which systems serve clients.
"""

HOST = "127.0.0.1"
PORTS = (28631, 28632, 28633)
PATH = "/callback"


def address(port: int) -> str:
    """The redirect address of one port."""
    return f"http://{HOST}:{port}{PATH}"


ADDRESSES = tuple(map(address, PORTS))
"""What has to be registered with the issuer."""
