PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin

# Numbers in stored outputs are compared strictly: one thread adds up in one order, on every machine.
export OPENBLAS_NUM_THREADS := 1
# Notebooks are stored, and pages built, without live widgets: their names are random.
export BYHAND_STATIC := 1

# What every page depends on besides itself. When it changes, nothing that was built before is kept.
KEY := $(shell cat $$(find lib/byhand _config.yml _static vendor constraints.txt requirements.txt -type f ! -name '*.pyc' | LC_ALL=C sort) | cksum | tr ' ' -)

help:            ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 20

book: .venv/book _build/key-$(KEY)   ## build the book
	$(BIN)/jupyter-book build . -W -n --keep-going -q
	@echo "The book is built: open _build/html/index.html, or run 'make serve'."

serve: book      ## build the book and serve it
	@echo "http://localhost:$(PORT)  (Ctrl-C stops it)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html >/dev/null 2>&1

lab: .venv/book  ## open the lessons in JupyterLab
	BYHAND_STATIC= $(BIN)/jupyter lab chapters

test: .venv/test lint book   ## run every check
	$(BIN)/python tests/browser.py
	-@$(BIN)/python tests/bubblewrap.py
	$(BIN)/pytest -n 2 --dist loadfile --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg chapters homework/*.ipynb tests

lint: .venv/test
	$(BIN)/ruff check lib tests bench homework

stored: .venv/book   ## run every lesson and store its outputs
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace $(LESSONS) \
	  --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.store_widget_state=False \
	  --ClearMetadataPreprocessor.enabled=True --ClearMetadataPreprocessor.clear_cell_metadata=False \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask='{("kernelspec",),("language_info","name")}'
LESSONS ?= $(shell find chapters homework/*.ipynb -name '*.ipynb' ! -path '*/.*')

claims: .venv/test  ## run every lesson from ten other base seeds: does each claim stand? (slow)
	$(BIN)/python tests/claims.py $(LESSONS) --seeds $(SEEDS)
SEEDS ?= 10

handout: .venv/homework   ## write the zip with a chapter's homework: CHAPTER=gradient-methods
	@$(BIN)/python -m homework handout

grade: .venv/homework   ## grade a folder of students' notebooks: CHAPTER=gradient-methods SUBMISSIONS=folder
	@$(BIN)/python -m homework grade

draft: .venv/homework   ## draft a chapter's homework from its lessons' exercises: CHAPTER=convolution
	@$(BIN)/python -m homework draft

homework: .venv/homework   ## bring up to date what is made from the sources in homework/
	@$(BIN)/python -m homework homework

bench: .venv/bench   ## time the library beside PyTorch and scikit-learn
	OMP_NUM_THREADS=1 $(BIN)/python -m bench

clean:           ## remove what was built, but not .venv
	rm -rf _build

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/book: .venv/bin/python requirements.txt constraints.txt pyproject.toml
	$(BIN)/pip install -q -r requirements.txt
	@touch $@

.venv/homework: .venv/book homework/requirements.txt
	$(BIN)/pip install -q -r homework/requirements.txt
	@touch $@

.venv/test: .venv/homework tests/requirements.txt
	$(BIN)/pip install -q -r tests/requirements.txt
	@touch $@

.venv/bench: .venv/test bench/requirements.txt
	$(BIN)/pip install -q -r bench/requirements.txt
	@touch $@

_build/key-$(KEY):
	@rm -rf _build && mkdir -p _build && touch $@

.PHONY: help book serve lab test lint stored claims handout grade draft homework bench clean
