"""What can go wrong, as one tree.

PlotartError
├── InputError             what the person gave is wrong; the command line ends with status 2
│   ├── OptionError        a keyword argument, or an option, that isn't allowed
│   ├── ConfigError        a config file: unreadable, an unknown key, a value that isn't allowed
│   │   └── CheckpointError    a checkpoint from which this config can't go on
│   ├── UnitError          a length that can't be read
│   ├── ColorError         a colour that can't be read
│   ├── PenError           a pen or a set of pens that can't be used
│   ├── NetworkError       a network, layer, channel or class that does not exist
│   ├── WeightsError       a weights file that is missing, damaged or of other shapes
│   ├── ImageError         a picture that can't be read
│   ├── DrawingError       an SVG or a run folder that can't be read as a drawing
│   ├── OutputError        a folder or file that can't be written
│   │   └── HeldError          another process is at work in the folder
│   ├── MissingError       something that has to be installed first: the message says how
│   └── PluginError        what another package adds to plotart can't be used, or nobody adds it
├── PlotterError           the plotter, or the program that drives it, reports a fault
├── EngineLost             what draws a sweep's cells can no longer be reached; the same sweep goes on
├── StopRun                no fault: a callback raises it to end a run, which leaves a checkpoint and passes it on
└── Diverged               the loss is not a number; the last good checkpoint is kept
"""

from __future__ import annotations


class PlotartError(Exception):
    """The root of all errors that plotart raises on purpose."""


class InputError(PlotartError):
    """What the person gave is wrong: one message that says what was found and what is allowed."""


class OptionError(InputError):
    """The message begins with the name of a keyword argument; the command line puts its own option in its place."""


class ConfigError(InputError):
    pass


class CheckpointError(ConfigError):
    pass


class UnitError(InputError):
    pass


class ColorError(InputError):
    pass


class PenError(InputError):
    pass


class NetworkError(InputError):
    pass


class WeightsError(InputError):
    pass


class ImageError(InputError):
    pass


class DrawingError(InputError):
    pass


class OutputError(InputError):
    pass


class HeldError(OutputError):
    pass


class MissingError(InputError):
    pass


class PluginError(InputError):
    pass


class PlotterError(PlotartError):
    pass


class EngineLost(PlotartError):
    pass


class StopRun(PlotartError):
    """Raise it in `on_step`, or at a Ready: `generate` writes a checkpoint to go on from, and lets it through to its
    caller."""


class Diverged(PlotartError):
    pass
