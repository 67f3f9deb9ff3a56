"""RapidOCR: PP-OCRv6 (small) from its wheel, no download. The strong and dear engine.

Tuned by measurement: no line classifier, one line a batch and not padded, one thread, ONNX Runtime's arena off; the
detector sees an image of bounded size with letters of bounded height while lines are cut from the full one, which keeps
a worker under 1.3 GB. Two weaknesses are mended here: full-width look-alikes (``：`` for ``:``), and lost blanks, put
back where the picture of the line shows white.

Tried and left out: an 8-bit recogniser (static, per channel, calibrated on 40 lines) takes 0.68 of the recogniser's CPU
and loses 1.4 points of word F1 on receipts, an 8-bit detector takes 0.87; lines squeezed to 0.85 take 0.9 and lose 0.5.
OpenVINO takes 0.7 to 0.8 of the CPU a page and 1.4 times the memory, but a second or more to load, in every child.
"""

from __future__ import annotations

import functools
import importlib.metadata
import itertools
import math
import os
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import MissingTool
from models.settings import RapidOcrRuntime
from pipeline.tools import ink
from pipeline.tools.seen import LineText, Seen

Pixels = NDArray[np.uint8]

DETECT_PIXELS = 1_500_000
"""The detector's image is scaled down to this; it took 500 MB for 1.2 million pixels, 850 MB for 2.8 million."""

_FEWEST_PIXELS = 550_000
_DETECT_LETTERS = 13.0  # pixels; larger letters are scaled down to this, at most to so few pixels: nothing is lost

MINIMUM_SCORE = 0.5
_SMALLEST = 4  # pixels; less shows no letter
_LINE_HEIGHT = 48  # pixels, at which the recogniser reads
_NARROWEST = 96  # pixels; its default of 320 costs short lines a third more and some decimal points
_WIDTH_STEP = 64  # pixels, for OpenVINO
_SHORT = 6.0  # times its height
_LOOK_ALIKES = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {"\u3000": " ", "、": ",", "。": ".", "·": "·", "￥": "¥", "—": "-", "–": "-", "一": "-", "‘": "'", "’": "'"}
    | {"“": '"', "”": '"', "【": "[", "】": "]", "《": "<", "》": ">", "○": "O", "〇": "0"}
)
_MEND = {
    RapidOcrRuntime.ONNXRUNTIME: "Install it with: make setup",
    RapidOcrRuntime.OPENVINO: "Install it with: .venv/bin/pip install openvino; or set rapidocr to onnxruntime.",
}
_runtime = RapidOcrRuntime.ONNXRUNTIME
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # ONNX Runtime would tell its maker of us, from a thread of its own
cv2.setNumThreads(1)  # its pool of threads would not survive the fork of the cage's server


@dataclass(frozen=True, slots=True)
class TextLine:
    """Where the detector saw a line: four corners in pixels, clockwise from its top left."""

    corners: NDArray[np.float32]

    def turned(self, degrees: int, width: int, height: int) -> TextLine:
        """The same line after the picture of ``width`` x ``height`` was turned clockwise by a right angle."""
        x, y = self.corners[:, 0], self.corners[:, 1]
        moved = {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[degrees]
        corners = np.stack(moved, axis=1)
        first = int(np.argmin(corners.sum(axis=1)))  # the top left corner leads again
        return TextLine(np.roll(corners, -first, axis=0).astype(np.float32))

    def tightened(self) -> TextLine:
        """The same line with less air above and below, and a little more at its ends."""
        right = (self.corners[1] - self.corners[0]) / max(1.0, self.width)
        down = (self.corners[3] - self.corners[0]) / max(1.0, self.height)
        x, y = 0.1 * self.height * right, 0.12 * self.height * down
        return TextLine(self.corners + np.array([-x + y, x + y, x - y, -x - y], np.float32))

    @property
    def width(self) -> float:
        """Length along the top side in pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height(self) -> float:
        """Length of the left side in pixels."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))


def use(runtime: RapidOcrRuntime) -> None:
    """Choose what computes the networks, for this process."""
    global _runtime  # noqa: PLW0603 - a process reads for one settings object
    _runtime = runtime


def version() -> str:
    """Version of RapidOCR, the models that it reads with, and what computes them where that is not ONNX Runtime.

    Raises:
        MissingTool: it is not installed.
    """
    try:
        ours = f"{importlib.metadata.version('rapidocr')} (PP-OCRv6 small)"
        if _runtime is RapidOcrRuntime.OPENVINO:
            ours += f" on OpenVINO {importlib.metadata.version('openvino')}"
    except importlib.metadata.PackageNotFoundError as error:
        raise MissingTool(f"RapidOCR lacks a package: {error}. {_MEND[_runtime]}") from error
    return ours


def _engine() -> Any:
    return _engine_of(_runtime)


@functools.cache
def _engine_of(runtime: RapidOcrRuntime) -> Any:
    try:
        from rapidocr import EngineType, RapidOCR

        if runtime is RapidOcrRuntime.OPENVINO:
            importlib.import_module("openvino")
    except ImportError as error:
        raise MissingTool(f"RapidOCR can't be imported: {error}. {_MEND[runtime]}") from error
    onnx, openvino = "EngineConfig.onnxruntime.", "EngineConfig.openvino."
    kind = EngineType.OPENVINO if runtime is RapidOcrRuntime.OPENVINO else EngineType.ONNXRUNTIME
    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Global.text_score": MINIMUM_SCORE,
            "Global.min_side_len": 1,
            "Global.max_side_len": 100_000,  # we scale ourselves
            "Det.engine_type": kind,
            "Det.limit_side_len": 32,
            "Rec.engine_type": kind,
            "Rec.rec_batch_num": 1,
            "Rec.rec_img_shape": [3, _LINE_HEIGHT, _NARROWEST],
            onnx + "intra_op_num_threads": 1,
            onnx + "inter_op_num_threads": 1,
            onnx + "enable_cpu_mem_arena": False,
            openvino + "inference_num_threads": 1,
            openvino + "num_streams": 1,
        }
    )


def warm() -> None:
    """Load the library and the models, so that forked children find them; OpenVINO's threads would not survive it."""
    engine = _engine_of(RapidOcrRuntime.ONNXRUNTIME)
    line = np.full((48, 320, 3), 255, np.uint8)
    engine(line, use_det=True, use_cls=False, use_rec=False)
    engine(line, use_det=False, use_cls=False, use_rec=True)
    engine(line, use_det=False, use_cls=True, use_rec=False)


def words(image: Pixels, codes: tuple[str, ...], *, dpi: int) -> list[Seen]:
    """The words of an upright picture (grey or RGB), in no useful order; one model reads all languages.

    Raises:
        MissingTool: RapidOCR is not installed.
    """
    del codes, dpi
    height, width = image.shape[:2]
    found = [word for one in detect(image) for word in words_of(image, one)]
    return [kept for word in found if (kept := _inside(word, width, height))]


def line(crop: Pixels, codes: tuple[str, ...]) -> LineText:
    """Read the picture (grey or RGB) of one upright line.

    Raises:
        MissingTool: RapidOCR is not installed.
    """
    del codes
    height, width = crop.shape[:2]
    if min(height, width) < _SMALLEST:
        return LineText("", 0.0)
    found = words_of(crop, TextLine(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)))
    letters = sum(len(word.text) for word in found)
    sure = sum(word.confidence * len(word.text) for word in found)
    return LineText(" ".join(word.text for word in found), sure / max(1, letters))


def detect(image: Pixels) -> list[TextLine]:
    """The lines of text on an image (grey or RGB), in no useful order."""
    image = _colour(image)
    height, width = image.shape[:2]
    if min(height, width) < _SMALLEST:
        return []
    small = _shrunk(image, (DETECT_PIXELS / (height * width)) ** 0.5)
    fewest = (_FEWEST_PIXELS / (small.shape[0] * small.shape[1])) ** 0.5
    small = _shrunk(small, max(fewest, _DETECT_LETTERS / (_letter_height(small) or _DETECT_LETTERS)))
    found = _engine()(small, use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return []
    factor = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
    return [TextLine(np.asarray(corners, np.float32) * factor) for corners in found.boxes]


def _shrunk(image: Pixels, scale: float) -> Pixels:
    if scale >= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _letter_height(image: Pixels) -> float | None:
    """The median height of what may be letters, in pixels; None where there are too few to say."""
    grey = _grey(image)
    dark = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    heights, widths = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = heights[
        (heights >= 5) & (heights < max(grey.shape) / 15) & (widths <= 3 * heights) & (6 * widths >= heights)
    ]
    return float(np.median(letters)) if len(letters) >= 10 else None


def cut(image: Pixels, line: TextLine) -> Pixels:
    """The picture of a line, straightened to a rectangle."""
    width, height = max(1, round(line.width)), max(1, round(line.height))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(line.corners, target)
    cut_out = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut_out, np.uint8)


_TURN_TOLD = 2.5  # six sure lines of half a vote each, with a doubt


def upside_down(crops: list[Pixels]) -> float:
    """The share, 0..1, of line pictures that stand on their head, by the small classifier (2 ms a line).

    No more are looked at than it takes: the first ones that agree say it. It sees pictures of four times their height;
    longer lines would be squeezed, so it gets the middle of them.
    """
    votes, total = 0.0, 0.0
    for crop in crops:
        middle, half = crop.shape[1] // 2, 2 * crop.shape[0]
        part = crop[:, max(0, middle - half) : middle + half]
        answer = _engine()(_colour(part), use_det=False, use_cls=True, use_rec=False)
        for label, score in answer.cls_res or ():
            weight = max(0.0, float(score) - 0.5)
            votes += weight if label == "180" else 0.0
            total += weight
        if total >= _TURN_TOLD and not 0.1 * total <= votes <= 0.9 * total:
            break
    return votes / total if total else 0.0


def read_line(crop: Pixels) -> tuple[str, list[tuple[float, float]], list[float]]:
    """Read the picture of one line.

    Returns:
        The text; for each of its characters the left and right end as a share 0..1 of the width; and its confidence.
    """
    engine = _engine()
    if _runtime is RapidOcrRuntime.OPENVINO and crop.size:  # it keeps what it prepared for each width
        wide = math.ceil(crop.shape[1] * _LINE_HEIGHT / crop.shape[0] / _WIDTH_STEP) * _WIDTH_STEP
        engine._load_rec_model().rec_image_shape = [3, _LINE_HEIGHT, max(_NARROWEST, wide)]
    answer = engine(_colour(crop), use_det=False, use_cls=False, use_rec=True, return_word_box=True)
    if not answer.txts or not answer.word_results or answer.word_results[0] is None:
        return "", [], []
    text: str = answer.txts[0].translate(_LOOK_ALIKES)
    info = answer.word_results[0]
    columns = [column for word in info.word_cols for column in word]
    marks = [char for char in text if not char.isspace()]
    if not marks or len(columns) != len(marks):
        return "", [], []
    width = max(1.0, float(info.line_txt_len))
    centres = [(column + 0.5) / width for column in columns]
    confidences = list(info.confs)
    spans = _spans(centres)
    full_spans: list[tuple[float, float]] = []
    scores: list[float] = []
    position = 0
    for index, char in enumerate(text):
        if char.isspace():
            full_spans.append((0.0, 0.0))
        else:
            full_spans.append(spans[position])
            position += 1
        scores.append(float(confidences[index]) if index < len(confidences) else 0.0)
    return text, full_spans, scores


def _spans(centres: list[float]) -> list[tuple[float, float]]:
    """Left and right ends of characters whose centres are known: halfway to the neighbours, at most 0.6 of a pitch."""
    if len(centres) == 1:
        return [(0.0, 1.0)]
    gaps = [right - left for left, right in itertools.pairwise(centres)]
    half = 0.6 * float(np.median(gaps))
    spans = []
    for index, centre in enumerate(centres):
        left = min(half, gaps[index - 1] / 2) if index else half
        right = min(half, gaps[index] / 2) if index < len(gaps) else half
        spans.append((max(0.0, centre - left), min(1.0, centre + right)))
    return spans


def sureness(crops: list[Pixels]) -> float:
    """The mean confidence, 0..1, with which line pictures are read; those that give no text count as 0."""
    scores = [read_line(crop)[2] for crop in crops]
    return sum(float(np.mean(one)) for one in scores if one) / max(1, len(crops))


def words_of(image: Pixels, line: TextLine) -> list[Seen]:
    """Read one detected line and split it into words with boxes in pixels of ``image`` (upright boxes).

    The detector leaves air around lines. In short ones, where amounts stand, it costs decimal points: cut tighter and
    with full contrast, 96 instead of 89 % of the amounts are read on hard receipts; long lines lose by it.
    """
    if line.width < _SHORT * line.height:
        line = line.tightened()
        crop = full_contrast(cut(image, line))
    else:
        crop = cut(image, line)
    text, spans, scores = read_line(crop)
    if not text or float(np.mean(scores)) < MINIMUM_SCORE:
        return []
    lost = ink.lost_in_line(text, spans, _grey(crop))
    found: list[Seen] = []
    start = 0
    for index in range(len(text) + 1):
        if index == len(text) or text[index].isspace() or index in lost:
            if index > start:
                left, right = spans[start][0], spans[index - 1][1]
                confidence = float(np.mean(scores[start:index]))
                found.append(Seen(text[start:index], _part(line, left, right), confidence))
            start = index if index in lost else index + 1
    return found


def _part(line: TextLine, left: float, right: float) -> tuple[float, float, float, float]:
    """The upright box around the part of a line between two shares of its width."""
    top_left, top_right, bottom_right, bottom_left = line.corners
    middle = (top_left + bottom_left) / 2
    along = (top_right + bottom_right) / 2 - middle
    a, b = middle + along * left, middle + along * right
    half = line.height / 2
    return (
        float(min(a[0], b[0])), float(min(a[1], b[1]) - half), float(max(a[0], b[0])), float(max(a[1], b[1]) + half),
    )  # fmt: skip


def _inside(word: Seen, width: int, height: int) -> Seen | None:
    """The word with what reaches over the rim of the picture cut off; None if nothing is left."""
    x0, y0, x1, y1 = word.box
    box = (max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1))
    return replace(word, box=box) if box[0] < box[2] and box[1] < box[3] else None


def full_contrast(crop: Pixels) -> Pixels:
    """The picture with its greys stretched, so that ink is black and paper white."""
    dark, light = (float(value) for value in np.percentile(crop, (1, 95)))
    stretched = (crop.astype(np.float32) - dark) * (255.0 / max(1.0, light - dark))
    return np.asarray(np.clip(stretched, 0, 255), np.uint8)


def _grey(image: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8) if image.ndim == 3 else image


def _colour(image: Pixels) -> Pixels:
    return np.ascontiguousarray(np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image)
