"""What a person can cause, each told in one full sentence: what is wrong, with the name or the number, and
what to do."""



class StudioError(Exception):
    """A mistake or a mishap that is told to the person in its own words. Everything else is a bug."""


class BadInput(StudioError):
    """Something handed in (a file, a name, an option) cannot be used."""


class NotFound(StudioError):
    """Something asked for by name or id is not there."""


class Stale(StudioError):
    """Somebody else changed it in the meantime; nothing was overwritten."""


class Refused(StudioError):
    """The step would give figures or data that could not be trusted, so it is not taken."""


class Unavailable(StudioError):
    """A library, a device, a model file or space on the disk is missing here."""
