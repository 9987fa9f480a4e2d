"""The published weights of VGG16 and VGG19 themselves: those that are needed, fetched where they are not here yet."""

from __future__ import annotations

from torch import Tensor

from plotart.errors import WeightsError
from plotart.networks.description import Progress
from plotart.networks.published import PUBLISHED, published_file
from plotart.networks.ranges import BrokenOff, Shapes, fetch_tensors
from plotart.networks.weights import read_tensors
from plotart.networks.weights_files import cache_folder

#: Where torchvision's files can be had by hand.
DOWNLOADS = "https://download.pytorch.org/models/"


def published_tensors(network: str, shapes: Shapes, progress: Progress | None = None) -> dict[str, Tensor]:
    """The tensors of `network` that `shapes` names, as float32; those that are not on this machine are fetched.

    Raises WeightsError.
    """
    source = PUBLISHED[network]
    if (path := published_file(network)) is not None:
        try:
            return read_tensors(path, shapes)
        except WeightsError as error:
            cure = f"{DOWNLOADS}{source.file} is the published one; without a file, what is needed is fetched"
            raise WeightsError(f"{error} ({cure})") from error
    try:
        return fetch_tensors(source.url, shapes, source.folder, hashes=source.sha256, progress=progress)
    except WeightsError as error:
        # Where nothing came there is nothing to go on from.
        again = "try again, which goes on from there, " if isinstance(error, BrokenOff) and error.kept else ""
        raise _failed(network, str(error), again) from error
    except OSError as error:
        raise _failed(network, f"{source.folder} can't be written to: {error.strerror or error}") from error


def _failed(network: str, reason: str, again: str = "") -> WeightsError:
    file = PUBLISHED[network].file
    return WeightsError(
        f"{network} needs its published weights, and fetching them failed ({reason}): {again}put the file "
        f"{DOWNLOADS}{file} into {cache_folder()}, or choose `network: motif`, which needs no download"
    )
