# Shortcuts for developers. Users and CI need only ./manage.py demo and ./manage.py test.
RUN = ./manage.py run --
.PHONY: check fix bench shots papers demo test locks

check:  ## format, lint, types, import contracts, migrations, deployment settings
	$(RUN) python -m pytest -q -n 0 tests/test_conventions.py tests/test_architecture.py

fix:  ## what can be put right by machine
	$(RUN) ruff check --fix .
	$(RUN) ruff format .
	$(RUN) djlint --reformat --quiet templates

bench:  ## ratios with median and spread (docs/performance.md)
	./manage.py run --durable -- python -m tests.tools.bench

shots:  ## every page as every role at both widths, into var/shots
	$(RUN) python -m tests.tools.shots

papers:  ## every paper as PNG pages, into var/papers
	$(RUN) python -m tests.tools.papers

demo:
	./manage.py demo

test:
	./manage.py test

locks:  ## resolve requirements/*.in anew; no package host enters the files
	for set in base test dev; do \
	  UV_PYTHON_DOWNLOADS=never uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate requirements/$$set.in --output-file requirements/$$set.txt; \
	done
