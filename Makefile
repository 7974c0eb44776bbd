# What is done with this repository. Each target sets up what the machine lacks for it (scripts/setup.sh).

.DEFAULT_GOAL := build
.PHONY: build demo test test-native test-wasm test-e2e test-matrix matrix lint fuzz bench budgets clean setup setup-build setup-matrix setup-bench

# The files are named, because Node 20 and later versions read a folder's name differently.
node_test = node --test $(sort $(wildcard $(addsuffix *.test.mjs,$(1))))

## The npm package, in pkg/.
build: setup-build
	node scripts/build.mjs

## The life cycle of an app against the simulator, or with LAMINA_API_KEY against the real service: make demo ARGS="…".
demo: build
	node scripts/demo.mjs $(ARGS)

## Everything, each runner's closing lines last.
test: lint test-native test-wasm test-e2e test-matrix

lint: setup
	scripts/lint.sh

test-native: setup
	cargo test

test-wasm: setup
	scripts/test-wasm.sh

## The packed tarball, installed in a fresh folder; the simulator, and the build's own parts.
test-e2e: setup build
	$(call node_test,tests/build/ tests/simulator/ tests/types/ tests/e2e/ tests/server/ tests/faults/ tests/examples/)

## The package in the runtimes that matter most: Node of this machine, workerd, a page by the current Vite.
test-matrix: setup build
	node tests/matrix/matrix.mjs --quick

## The package in every runtime, bundler, framework and test runner; the table goes into the README.
matrix: setup-matrix build
	node tests/matrix/matrix.mjs --write $(ARGS)

## Size, speed, start, memory and waiting beside other clients (5 minutes); the summary goes into the README: make bench ARGS=--write.
bench: setup-bench build
	node bench/bench.mjs $(ARGS)

## The limits of size and instructions anew, one per cent above what they are today: after each gain.
budgets: setup build
	node tests/support/budgets.mjs --write

## Every fuzz target for a minute; make fuzz ARGS="5 retry_after" for others.
fuzz: setup-build
	scripts/fuzz.sh $(ARGS)

clean:
	rm -rf pkg target fuzz/target

setup-build:
	@scripts/setup.sh build

setup-matrix:
	@scripts/setup.sh matrix

setup-bench:
	@scripts/setup.sh bench

setup:
	@scripts/setup.sh test
