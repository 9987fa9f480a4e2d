from collections.abc import Sequence

MOTIF_WIDTHS = ((24, 24), (48, 48), (96, 96), (160, 160), (224, 224))


def convolution_names(widths: Sequence[Sequence[int]]) -> list[str]:
    """VGG's names in order: conv1_1, conv1_2, conv2_1, ..."""
    return [f"conv{b}_{k}" for b, block in enumerate(widths, 1) for k in range(1, len(block) + 1)]
