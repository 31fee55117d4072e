"""An event reads as a sentence: time, person, office, deed, from, to."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.template import Context, Template

from thidua import audit
from thidua.audit import words
from thidua.audit.sentences import sentences
from thidua.lib.actor import Actor, Post

AN = Actor(7, "An (mẫu)", (Post("secretary", label="Thư ký Khối"),))


@pytest.fixture
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_verbs", "_fields", "_values"):
        monkeypatch.setattr(words, name, dict(getattr(words, name)))
    words.register({"test.score": "nhập điểm"})
    words.register_fields({"test.points": "điểm", "day": "ngày"})
    words.register_values("state", {"open": "đang mở"})


@pytest.mark.django_db
@pytest.mark.usefixtures("_words")
class TestHistory:
    def panel(self) -> str:
        source = "{% load audit_tags %}{% history_panel 'scoring.sheet' 5 %}"
        return " ".join(Template(source).render(Context()).split())

    def test_sentence(self) -> None:
        audit.record(
            AN,
            "test.score",
            ("scoring.sheet", 5),
            before={"points": Decimal("48.00"), "state": None},
            after={"points": Decimal("50.25"), "state": "open", "day": "2026-12-03"},
            reason="Có văn bản mới",
        )
        text = self.panel()
        assert "<strong>An (mẫu)</strong>, Thư ký Khối nhập điểm:" in text
        assert "điểm từ 48,00 thành 50,25" in text
        assert "state đang mở" in text
        assert "ngày 03/12/2026" in text
        assert "Lý do: Có văn bản mới" in text

    def test_what_people_typed_is_escaped(self) -> None:
        audit.record(AN, "test.score", ("scoring.sheet", 5), after={"note": "<script>x</script>"}, reason="<b>")
        assert "<script>" not in self.panel()
        assert "&lt;b&gt;" in self.panel()

    def test_empty(self) -> None:
        assert "Chưa có việc nào được ghi." in self.panel()

    def test_many_changes_are_cut_and_counted(self) -> None:
        audit.record(AN, "test.score", ("scoring.sheet", 5), after={f"f{i}": i for i in range(20)})
        (sentence,) = sentences(audit.history_of("scoring.sheet", 5))
        assert (len(sentence.changes), sentence.more) == (8, 12)

    def test_an_unknown_verb_is_not_hidden(self) -> None:
        audit.record(AN, "test.other", ("scoring.sheet", 5))
        assert "test.other" in self.panel()

    def test_a_verb_has_one_meaning(self) -> None:
        words.register({"test.score": "nhập điểm"})
        with pytest.raises(ValueError, match="two meanings"):
            words.register({"test.score": "xóa điểm"})

    def test_panel_is_one_query(self, django_assert_num_queries) -> None:
        for _ in range(3):
            audit.record(AN, "test.score", ("scoring.sheet", 5), after={"points": "1"})
        with django_assert_num_queries(1):
            self.panel()
