"""The files that are built: pages untouched but for their turn, and nothing of what was left out."""

from __future__ import annotations

import hashlib
import io
import time

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from models.errors import UnreadableDocument
from models.settings import Limits, Settings
from pipeline.rearrange.compose import compose_caged
from pipeline.tools import qpdf
from tests import files


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


@pytest.fixture
def compose(tmp_path, settings):
    """Builds outputs of files given as (bytes, media type, sizes of a picture's pages); returns their bytes."""

    def build(sources, *outputs, **more):
        order = []
        for number, (data, media_type, sizes) in enumerate(sources):
            path = tmp_path / f"source-{number}"
            path.write_bytes(data)
            order.append((path, media_type, hashlib.sha256(data).hexdigest(), sizes))
        made = []
        for piece in compose_caged(order, outputs, settings.model_copy(update=more)):
            piece.seek(0)
            made.append(piece.read())
        return made

    return build


def letter(*texts, change=None, compressed=1):
    """A PDF with a page for each text, and one change more."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 400), invariant=1, pageCompression=compressed)
    for text in texts:
        canvas.drawString(40, 300, text)
        canvas.showPage()
    canvas.save()
    if change is None:
        return out.getvalue()
    changed = io.BytesIO()
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        change(pdf)
        pdf.save(changed, deterministic_id=True)
    return changed.getvalue()


def pdf(data):
    return data, "application/pdf", []


def texts(data):
    return [page.get_textpage().get_text_bounded().strip() for page in pypdfium2.PdfDocument(data)]


def drawn(data, number=1):
    return pypdfium2.PdfDocument(data)[number - 1].render(scale=1).to_numpy()


def whole(data):
    """All that a reader could find in a file: every stream inflated, every string."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as made:
        made.save(
            out,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()


def test_pages_keep_their_text_their_look_and_their_order(compose):
    source = letter("first", "second", "third")
    made, other = compose([pdf(source)], [(0, 3, 0, False), (0, 1, 90, True)], [(0, 2, 0, False)])
    assert texts(made) == ["third", "first"]
    assert texts(other) == ["second"]
    assert np.array_equal(drawn(made, 1), drawn(source, 3))
    turned = np.abs(drawn(made, 2).astype(int) - np.rot90(drawn(source, 1), -1))
    assert turned.mean() < 0.3, "but for the edges of letters"


def test_the_same_wishes_give_the_same_bytes_and_others_do_not(compose):
    source = letter("first", "second")
    (one,), (same,) = (compose([pdf(source)], [(0, 1, 0, False)]) for _ in range(2))
    assert one == same
    (other,) = compose([pdf(letter("first", "third"))], [(0, 1, 0, False)])
    assert texts(one) == texts(other)
    assert one != other, "two ways to the same pages are two documents"


def test_a_page_that_is_used_twice_is_turned_once(compose):
    (made,) = compose([pdf(letter("a"))], [(0, 1, 0, False), (0, 1, 180, True), (0, 1, 0, False)])
    with pikepdf.open(io.BytesIO(made)) as found:
        assert [page.get("/Rotate", 0) for page in found.pages] == [0, 180, 0]
    assert texts(made) == ["a"] * 3


def test_what_pages_inherit_goes_with_them(compose):
    def inherit(found):
        node = found.Root.Pages
        node.MediaBox, node.Rotate = Array([0, 0, 200, 100]), 90
        node.Resources = found.pages[0].Resources
        for page in found.pages:
            for key in ("/MediaBox", "/Rotate", "/Resources"):
                if key in page.obj:
                    del page.obj[key]

    source = letter("a" * 9, "b", change=inherit)
    (made,) = compose([pdf(source)], [(0, 2, 0, False), (0, 1, 90, True)])
    assert np.array_equal(drawn(made, 1), drawn(source, 2))
    with pikepdf.open(io.BytesIO(made)) as found:
        assert [page.get("/Rotate") for page in found.pages] == [90, 180]


def test_nothing_of_a_page_that_was_left_out_is_in_the_file(compose):
    """Neither by an outline, a link, the other half of a form field, a thread, a destination, nor the structure."""

    def tangle(found):
        secret = found.make_stream(b"(canary-form) Tj")
        field = found.make_indirect(Dictionary(FT=Name.Tx, T="name", V="value", Kids=Array()))
        element = found.make_indirect(Dictionary(Type=Name.StructElem, ActualText="canary-structure"))
        bead = found.make_indirect(Dictionary(T=Dictionary(I=Dictionary(Title="canary-thread"))))
        for number, page in enumerate(found.pages):
            widget = found.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([0, 0, 9, 9]), Parent=field, P=page.obj)
            )
            if number:
                widget.AP = Dictionary(N=secret)
            field.Kids.append(widget)
            action = Dictionary(S=Name.GoTo, D=Array([found.pages[1].obj, Name.Fit]), SD=Array([element, Name.Fit]))
            link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
            page.obj.Annots = Array([widget, found.make_indirect(link)])
            page.obj.B = Array([bead])
        found.Root.AcroForm = Dictionary(Fields=Array([field]))
        found.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=element)
        with found.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("canary-outline", 1))

    source = letter("seen", "canary-page", change=tangle, compressed=0)
    assert whole(source).count(b"canary") >= 5
    (made,) = compose([pdf(source)], [(0, 1, 0, False)])
    assert b"canary" not in whole(made)
    assert texts(made) == ["seen"]


def test_forms_look_as_they_did(compose):
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200), invariant=1)
    canvas.acroForm.textfield(name="amount", value="1 234,50", x=20, y=100, width=120, height=20)
    canvas.acroForm.checkbox(name="yes", checked=True, x=20, y=60)
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    (made,) = compose([pdf(out.getvalue())], [(0, 1, 0, False)])

    def filled(data):
        found = pypdfium2.PdfDocument(data)
        found.init_forms()
        return found[0].render(scale=1).to_numpy()

    assert filled(made).min() < 128
    assert np.array_equal(filled(made), filled(out.getvalue()))


def test_hidden_layers_stay_hidden(compose):
    def layers(off):
        def change(found):
            groups = [found.make_indirect(Dictionary(Type=Name.OCG, Name=name)) for name in ("one", "two")]
            page = found.pages[0]
            page.obj.Resources.Properties = Dictionary(L0=groups[0], L1=groups[1])
            font = str(next(iter(page.obj.Resources.Font.keys())))
            draw = " ".join(
                f"/OC /L{number} BDC BT {font} 12 Tf 20 {100 + 40 * number} Td (layer {number}) Tj ET EMC"
                for number in (0, 1)
            )
            page.contents_add(found.make_stream(draw.encode()))
            found.Root.OCProperties = Dictionary(OCGs=Array(groups), D=off(groups))

        return change

    first = letter("a", change=layers(lambda groups: Dictionary(OFF=Array([groups[1]]))))
    second = letter("b", change=layers(lambda groups: Dictionary(BaseState=Name.OFF, ON=Array([groups[1]]))))
    (made,) = compose([pdf(first), pdf(second)], [(0, 1, 0, False), (1, 1, 0, False)])
    assert np.array_equal(drawn(made, 1), drawn(first))
    assert np.array_equal(drawn(made, 2), drawn(second))
    assert not np.array_equal(drawn(first), drawn(letter("a")))


def test_an_e_invoice_goes_with_the_first_page(compose):
    def attach(found):
        found.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(found, files.xml("7"), filename="factur-x.xml")

    source = letter("invoice", "terms", change=attach)
    first, second, together = compose(
        [pdf(source), pdf(letter("other"))],
        [(0, 1, 90, True)],
        [(0, 2, 0, False)],
        [(1, 1, 0, False), (0, 1, 0, False)],
    )

    def found(data):
        with pikepdf.open(io.BytesIO(data)) as made:
            return [one.data for one in qpdf.xml_attachments(made, Limits())]

    assert found(first) == found(together) == [files.xml("7")]
    assert found(second) == []


def test_a_signature_stays_with_the_original(compose):
    def sign(found):
        value = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=pikepdf.String("canary-signature"))
        look = found.make_stream(b"0 0 0 rg 0 0 50 20 re f")
        look.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 50, 20])})
        widget = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T="s",
            V=found.make_indirect(value),
            Rect=Array([20, 20, 70, 40]),
            F=4,
            AP=Dictionary(N=look),
        )
        signature = found.make_indirect(widget)
        found.pages[0].obj.Annots = Array([signature])
        found.Root.AcroForm = Dictionary(Fields=Array([signature]), SigFlags=3)
        found.Root.Perms = Dictionary(DocMDP=widget.V)

    source = letter("signed", "more", change=sign)
    (made,) = compose([pdf(source)], [(0, 1, 0, False)])
    assert b"canary" not in whole(made)
    assert np.array_equal(drawn(made), drawn(source)), "its picture on the page stays"


def test_a_file_that_only_its_owner_may_change_can_be_taken_apart(compose):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter("a", "b"))) as found:
        found.save(out, encryption=pikepdf.Encryption(owner="boss", user=""))
    (made,) = compose([pdf(out.getvalue())], [(0, 2, 0, False)])
    assert texts(made) == ["b"]


def jpeg(orientation=1):
    image = Image.fromarray(np.random.default_rng(7).integers(0, 255, (60, 90, 3), dtype=np.uint8))
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    image.save(out, "JPEG", exif=exif, quality=80)
    return out.getvalue()


def test_pictures_are_wrapped_and_not_encoded_anew(compose):
    photo = jpeg()
    (made,) = compose([(photo, "image/jpeg", [(180.0, 120.0)])], [(0, 1, 90, True)])
    with pikepdf.open(io.BytesIO(made)) as found:
        (image,) = found.pages[0].get_images().values()
        assert image.read_raw_bytes() in photo or photo.endswith(image.read_raw_bytes()[-500:])
        assert image.Filter == Name.DCTDecode
        assert found.pages[0].get("/Rotate") == 90
        assert [float(side) for side in found.pages[0].mediabox] == [0, 0, 180, 120]
    lying = jpeg(orientation=6)
    (made,) = compose([(lying, "image/jpeg", [(120.0, 180.0)])], [(0, 1, 90, True)])
    with pikepdf.open(io.BytesIO(made)) as found:
        assert found.pages[0].get("/Rotate") == 180, "the camera's note and the person's turn"
    (made,) = compose([(files.image("TIFF", "x", 3), "image/tiff", [(64.0, 48.0)] * 3)], [(0, 3, 0, False)])
    colours = [int(drawn(made).mean())]
    (all_of_them,) = compose(
        [(files.image("TIFF", "x", 3), "image/tiff", [(64.0, 48.0)] * 3)], [(0, n, 0, False) for n in (1, 2, 3)]
    )
    assert colours == [int(drawn(all_of_them, 3).mean())]
    for kind in ("PNG", "WEBP"):
        (made,) = compose([(files.image(kind, "x"), f"image/{kind.lower()}", [(64.0, 48.0)])], [(0, 1, 0, False)])
        assert len(pypdfium2.PdfDocument(made)) == 1


def test_damage_and_limits_are_told(compose):
    with pytest.raises(UnreadableDocument) as told:
        compose([pdf(b"%PDF-1.4 nonsense")], [(0, 1, 0, False)])
    assert told.value.code == "damaged"
    with pytest.raises(UnreadableDocument) as told:
        compose([pdf(letter("a"))], [(0, 2, 0, False)])
    assert told.value.code == "no-page"
    with pytest.raises(UnreadableDocument) as told:
        compose([pdf(letter("a", "b"))], [(0, 1, 0, False)], limits=Limits(file_bytes=300))
    assert told.value.code == "limit:file_bytes"


def test_five_hundred_pages_become_five_hundred_documents(compose):
    source = letter(*(f"page {number}" for number in range(1, 501)))
    begin = time.monotonic()
    made = compose([pdf(source)], *([(0, number, 0, False)] for number in range(1, 501)))
    assert time.monotonic() - begin < 120
    assert [texts(made[number])[0] for number in (0, 250, 499)] == ["page 1", "page 251", "page 500"]
    (back,) = compose([pdf(source)], [(0, number, 0, False) for number in range(500, 0, -1)])
    assert texts(back)[0] == "page 500"
