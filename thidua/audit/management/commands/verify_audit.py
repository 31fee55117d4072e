"""Prove the record: ``verify_audit [chain] [--heads] [--anchor FILE]``. Exit 1 when anything does not fit."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from thidua.audit.queries import Head, chain_heads, missing_heads, verify_chain


class Command(BaseCommand):
    help = "Kiểm tra nhật ký: mọi dòng còn nguyên và đủ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chain", nargs="?", default=None, help="one chain, e.g. bloc:12; without it all")
        parser.add_argument("--heads", action="store_true", help="print the heads, to be kept elsewhere")
        parser.add_argument("--anchor", help="a file of heads kept earlier: each must still be in the record")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = [f"{f.chain} #{f.sequence}: {f.message}" for f in verify_chain(options["chain"])]
        if options["anchor"]:
            lines = Path(options["anchor"]).read_text(encoding="utf-8").splitlines()
            anchors = [Head(c, int(s), h) for c, s, h in (line.split("\t") for line in lines if line.strip())]
            faults += [f"{a.chain} #{a.sequence}: mốc đã lưu không còn trong nhật ký" for a in missing_heads(anchors)]
        if faults:
            raise CommandError("Nhật ký không còn nguyên vẹn:\n" + "\n".join(faults), returncode=1)
        heads = chain_heads()
        if options["heads"]:
            for head in heads:
                self.stdout.write(f"{head.chain}\t{head.sequence}\t{head.hash}")
            return
        self.stdout.write(f"Nhật ký nguyên vẹn: {len(heads)} chuỗi, {sum(h.sequence for h in heads)} dòng.")
