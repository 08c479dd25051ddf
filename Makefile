PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin

# Numbers in stored outputs are compared strictly: one thread adds up in one order, on every machine.
export OPENBLAS_NUM_THREADS := 1
# glibc keeps the memory of arrays that come and go: given back and fetched anew, it took a tenth to a third of a lesson.
export MALLOC_TRIM_THRESHOLD_ := 268435456
export MALLOC_MMAP_THRESHOLD_ := 33554432
# Notebooks are stored, and pages built, without live widgets: their names are random.
export BYHAND_STATIC := 1

PAGES = $(shell find chapters homework -name '*.ipynb' ! -path '*/.*' ! -path '*/student/*' | LC_ALL=C sort)
CACHE = JUPYTERCACHE=$(CURDIR)/_build/.jupyter_cache $(BIN)/jcache

# What every page depends on besides itself. When it changes, nothing that was built before is kept.
KEY := $(shell cat $$(find lib/byhand _config.yml _ext _static vendor constraints.txt requirements.txt -type f ! -name '*.pyc' | LC_ALL=C sort) | cksum | tr ' ' -)

help:            ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 20

book: .venv/book _build/executed   ## build the book
	$(BIN)/jupyter-book build . -W -n --keep-going -q
	@echo "The book is built: open _build/html/index.html, or run 'make serve'."

# The notebooks are run two at a time into the cache that the book is then built from. One that fails here is run
# again by the build, which says what failed and stops.
_build/executed: $(PAGES) _build/key-$(KEY) | .venv/book
	@echo y | $(CACHE) notebook add $(PAGES) >/dev/null
	@$(CACHE) project execute --executor local-parallel --timeout 300 --verbosity CRITICAL >/dev/null 2>&1 || true
	@touch $@

serve: book      ## build the book and serve it
	@echo "http://localhost:$(PORT)  (Ctrl-C stops it)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html >/dev/null 2>&1

lab: .venv/book  ## open the lessons in JupyterLab
	BYHAND_STATIC= $(BIN)/jupyter lab chapters

# The lessons run in an environment of their own, which has what a reader's has: requirements.txt and no more. What
# they give there is compared with what is stored. So the book is built from what is stored, at the same time.
test: .venv/test lint   ## run every check
	$(BIN)/python tests/browser.py
	-@$(BIN)/python tests/bubblewrap.py
	$(MAKE) -j 2 compare built
	$(BIN)/pytest -n 3 --dist worksteal $(FIRST:%=tests/test_%.py) tests
# Their tests share what takes long to make, so they are first: those are not taken over by another worker.
FIRST = homework lessons elsewhere site_buttons

compare: .venv-lessons/ready
	echo $(LESSONS) | xargs -P 2 -n 4 .venv-lessons/bin/pytest -q -p no:cacheprovider \
	  --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg

built: _build/key-$(KEY)
	@echo y | $(CACHE) cache add $(PAGES) >/dev/null
	$(MAKE) book

lint: .venv/test
	$(BIN)/ruff check lib tests bench homework _ext
	$(BIN)/ruff check --select F --ignore F811,F821 chapters
	$(BIN)/codespell chapters homework lib tests bench README.md

stored: .venv/book   ## run every lesson and store its outputs
	$(STORE) $(LESSONS)
LESSONS ?= $(PAGES)
STORE = $(BIN)/jupyter nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.store_widget_state=False \
	  --Exporter.preprocessors=nbconvert.preprocessors.CoalesceStreamsPreprocessor --CoalesceStreamsPreprocessor.enabled=True \
	  --ClearMetadataPreprocessor.enabled=True --ClearMetadataPreprocessor.clear_cell_metadata=False \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask='{("kernelspec",),("language_info","name")}'

ledger: .venv/book   ## collect the claims that the lessons have stored
	$(BIN)/python -m byhand.ledger chapters
	$(STORE) chapters/the-notes-checked.ipynb

claims: .venv/test  ## run every lesson from ten other base seeds: does each claim stand? (slow)
	$(BIN)/python tests/claims.py $(LESSONS) --seeds $(SEEDS)
SEEDS ?= 10

# NumPy and OpenBLAS have other code for processors with other instructions, which rounds and sorts otherwise.
older: export NPY_DISABLE_CPU_FEATURES = X86_V3 X86_V4 AVX512_ICL AVX512_SPR
older: export OPENBLAS_CORETYPE = Prescott
older: compare   ## compare every output with what an older x86 processor gives (slow)

times: .venv/book   ## print each lesson's run time and memory
	$(BIN)/python -m bench.lessons $(LESSONS)

# Sphinx writes its links as if the one page stood in the root, so there a copy of it is printed from.
pdf: .venv/test book   ## the whole book as one PDF, beside the site's first page
	$(BIN)/jupyter-book build . --builder singlehtml -q
	@cp _build/singlehtml/chapters/index.html _build/singlehtml/book.html
	"$$($(BIN)/python tests/browser.py)" --headless --no-sandbox --disable-gpu --virtual-time-budget=120000 \
	  --no-pdf-header-footer --print-to-pdf=_build/html/optimization-by-hand.pdf file://$(CURDIR)/_build/singlehtml/book.html

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

.venv-lessons/ready: requirements.txt constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv-lessons
	.venv-lessons/bin/pip install -q -r requirements.txt
	@touch $@

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

address:         ## write the repository's address where it is needed: make address REPOSITORY=https://…
	@test -n "$(REPOSITORY)" || { echo "say which: make address REPOSITORY=https://github.com/you/book"; exit 2; }
	for file in $$(grep -rlF '$(ADDRESS)' pyproject.toml chapters homework); do \
	  sed 's#$(ADDRESS)#$(REPOSITORY)#g' $$file > $$file.new && mv $$file.new $$file; done
ADDRESS = $(shell sed -n 's/^Repository = "\(.*\)"/\1/p' pyproject.toml)

.PHONY: help book serve lab test compare built lint stored ledger claims older times pdf handout grade draft homework bench address clean
