"""Which addresses may be connected to: public ones, and no others.

A list of our own, from IANA's special-purpose registries (RFC 6890, RFC 8190): what `ipaddress`
calls global differs from one Python to the next, and has room for multicast, NAT64, 6to4 and
IPv4 addresses in IPv6 clothes, which all may lead back into the own network.
"""

import ipaddress

_NOT_PUBLIC_4 = tuple(
    map(
        ipaddress.IPv4Network,
        """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
        192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16
        192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3""".split(),
    )
)
# All of global unicast (RFC 4291 §2.4); IPv4 in disguise, site-local, multicast lie outside of it.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    map(
        ipaddress.IPv6Network,
        # Protocols (Teredo among them), documentation, 6to4, AS112.
        "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split(),
    )
)


def is_public(address: str) -> bool:
    """Tell whether an IP address, as a socket gives it, is one of the public Internet."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _NOT_PUBLIC_4)
    return parsed in _PUBLIC_6 and not any(parsed in network for network in _NOT_PUBLIC_6)
